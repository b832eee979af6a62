import { html, nothing } from '../html.js';
import { took } from '../parts/time.js';
import { when } from '../parts/when.js';
import { stageWords } from '../parts/words.js';
import { opened } from '../state/detail.js';
/** @import { Detail, Summary } from '../contract.d.ts' */

/** What else is known of a video. @param {Summary & Partial<Detail>} video */
export function facts(video) {
  const { namespace, name, attempts, passages, finishedAt, timings } = video;
  const model = opened.value?.transcript?.model;
  return html`<section class="card side-card" aria-labelledby="facts-title">
    <h2 id="facts-title">Details</h2>
    <dl class="facts">
      ${fact('Name', html`<code>${namespace === 'default' ? name : `${namespace}/${name}`}</code>`, 'wide')}
      ${finishedAt === undefined ? nothing : fact('Finished', when(finishedAt))}
      ${timings?.totalSeconds === undefined ? nothing : fact('Worked on for', took(timings.totalSeconds))}
      ${stageTime('fetch', timings?.fetchSeconds)} ${stageTime('transcribe', timings?.transcribeSeconds)}
      ${stageTime('index', timings?.indexSeconds)} ${fact('Attempts', attempts)}
      ${passages === undefined ? nothing : fact('Passages', passages)}
      ${model === undefined ? nothing : fact('Transcribed by', model === 'captions' ? "Loom's captions" : `Whisper ${model}`)}
    </dl>
  </section>`;
}

/**
 * @param {'fetch' | 'transcribe' | 'index'} stage
 * @param {number | undefined} seconds
 */
function stageTime(stage, seconds) {
  return seconds === undefined ? nothing : fact(stageWords(stage), took(seconds), 'part');
}

/**
 * @param {string} term
 * @param {unknown} value
 * @param {string} [kind]
 */
function fact(term, value, kind = '') {
  return html`<div class=${kind}>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`;
}
