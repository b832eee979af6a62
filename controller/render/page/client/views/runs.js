import { html, nothing } from '../html.js';
import { memoryBar } from '../parts/memory.js';
import { took } from '../parts/time.js';
import { when } from '../parts/when.js';
import { reasonWords, stageWords } from '../parts/words.js';
/** @import { Detail, PastRun, PastStage, Summary } from '../contract.d.ts' */

const OUTCOMES = { Running: 'under way', Succeeded: 'succeeded', Failed: 'failed' };

/** Each run of a video, with the memory of its stages against the limit; the newest first. @param {Summary & Partial<Detail>} video */
export function runs({ runs: all = [] }) {
  if (all.length === 0) return nothing;
  return html`<section class="card runs" aria-labelledby="runs-title">
    <h2 id="runs-title">Runs</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">Result</th>
          <th scope="col" class="number">Took</th>
          <th scope="col">Peak memory</th>
        </tr>
      </thead>
      ${all.toReversed().map(run)}
    </table>
  </section>`;
}

/** @param {PastRun} past */
function run({ run: number, attempt, startedAt, outcome, reason, stages }) {
  return html`<tbody>
    <tr class="run-head">
      <th scope="rowgroup" colspan="4">
        Run ${number}${attempt > 1 ? `, attempt ${attempt}` : nothing}
        <span class="run-outcome">
          ${OUTCOMES[outcome] ?? outcome}${reason === undefined ? nothing : `: ${reasonWords(reason)}`},
          ${when(startedAt)}
        </span>
      </th>
    </tr>
    ${
      stages.length === 0
        ? html`<tr>
            <td colspan="4" class="quiet">No stage has ended yet.</td>
          </tr>`
        : stages.map(stageRow)
    }
  </tbody>`;
}

/** @param {PastStage} stage */
function stageRow({ stage, outcome, reason, startedAt, finishedAt, peakMb, limitMb }) {
  const name = stageWords(stage);
  const isPlain = outcome === 'Succeeded' && reason === 'Completed';
  return html`<tr>
    <th scope="row">${name}</th>
    <td class=${outcome === 'Failed' ? 'tone-failed' : nothing}>${isPlain ? 'Done' : reasonWords(reason)}</td>
    <td class="number">${took((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)}</td>
    <td>${memoryBar(peakMb, limitMb, `Peak memory of ${name}`)}</td>
  </tr>`;
}
