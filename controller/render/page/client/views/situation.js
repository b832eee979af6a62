import { api, ApiError } from '../api.js';
import { html, nothing } from '../html.js';
import { icons } from '../parts/icons.js';
import { memoryBar } from '../parts/memory.js';
import { progressBar } from '../parts/progress.js';
import { reasonWords, stageNow, stageWords } from '../parts/words.js';
import { signal } from '../signals.js';
import { say } from '../state/notices.js';
/** @import { StageName, Summary } from '../contract.d.ts' */

/** Those a video goes through, in order. @type {readonly StageName[]} */
const STAGES = ['fetch', 'transcribe', 'index'];

const asking = signal(false);

/** @param {Summary} video */
async function retry(video) {
  if (asking.value) return;
  asking.value = true;
  try {
    await api.retry(video);
    say('It is tried again.');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    say(error.message);
  } finally {
    asking.value = false;
  }
}

/**
 * What goes on with a video, or what is in its way and what to do; nothing where all is done.
 *
 * @param {Summary} video
 */
export function situation(video) {
  if (video.deleting || video.phase === 'Deleting')
    return html`<div class="card situation tone-waiting">
      <p>It is being deleted, with all that was stored of it.</p>
    </div>`;
  switch (video.phase) {
    case 'Failed':
      return failure(video);
    case 'Running':
      return underWay(video);
    case 'Retrying':
    case 'Pending':
    case 'Queued':
    case 'Suspended':
      return waiting(video);
    default:
      return nothing;
  }
}

/** @param {Summary} video */
function failure(video) {
  const { reason, message, advice } = video;
  return html`<section class="card situation tone-failed" aria-labelledby="situation-title">
    <h2 id="situation-title">${icons.failed()}${reason === undefined ? 'It failed' : reasonWords(reason)}</h2>
    ${message === undefined || message === '' ? nothing : html`<p dir="auto">${message}</p>`}
    ${advice === undefined ? nothing : html`<p class="advice"><b>What to do:</b> ${advice}</p>`}
    <button
      type="button"
      class="button primary"
      aria-disabled=${String(asking.value)}
      @click=${() => void retry(video)}
    >
      ${icons.retrying()}Retry
    </button>
  </section>`;
}

/** @param {Summary} video */
function underWay(video) {
  const { progress } = video;
  const stage = progress?.stage ?? video.stage ?? 'fetch';
  const at = STAGES.indexOf(stage);
  const percent = progress?.percent;
  return html`<section class="card situation" aria-labelledby="situation-title">
    <h2 id="situation-title" class="hidden">Progress</h2>
    <ol class="stages">
      ${STAGES.map((name, index) => {
        const state = index < at ? 'done' : index === at ? 'now' : 'later';
        return html`<li class="stage-${state}" aria-current=${state === 'now' ? 'step' : nothing}>
          <span class="stage-name"
            >${state === 'done' ? icons.check() : nothing}${state === 'now' ? stageNow(name) : stageWords(name)}
            ${state === 'now' && percent !== undefined ? html`<b>${Math.round(percent)} %</b>` : nothing}
            ${state === 'done' ? html`<span class="hidden">, done</span>` : nothing}</span
          >
          ${
            state === 'now'
              ? progressBar(stageNow(name), percent)
              : progressBar(stageWords(name), state === 'done' ? 100 : 0)
          }
        </li>`;
      })}
    </ol>
    <div class="live-line">
      <span><bdi>${progress?.detail ?? nothing}</bdi></span>
      ${progress ? memoryBar(progress.memoryMb, progress.limitMb, 'Memory now') : nothing}
    </div>
  </section>`;
}

/** @param {Summary} video */
function waiting({ phase, reason, message, advice }) {
  const words = {
    Pending: 'It begins in a moment.',
    Queued: 'It waits for its turn: videos are worked on one at a time, in the order they were added.',
    Retrying: 'The last attempt did not work; it is tried again by itself.',
    Suspended: 'It is paused by its declaration (spec.suspend).',
  };
  const isKnown = phase === 'Pending' || phase === 'Queued' || phase === 'Retrying' || phase === 'Suspended';
  return html`<section class="card situation tone-waiting" aria-label="What goes on">
    <p>${isKnown ? words[phase] : nothing}</p>
    ${
      phase === 'Retrying' && reason !== undefined
        ? html`<p dir="auto"><b>${reasonWords(reason)}.</b> ${message ?? nothing}</p>
            ${advice === undefined ? nothing : html`<p class="advice">${advice}</p>`}`
        : nothing
    }
  </section>`;
}
