import { html, nothing } from '../html.js';
import { icons } from '../parts/icons.js';
import { shortLink } from '../parts/links.js';
import { memoryBar } from '../parts/memory.js';
import { progressBar } from '../parts/progress.js';
import { clock } from '../parts/time.js';
import { when } from '../parts/when.js';
import { counted, languageName, reasonWords, standing, toneOf } from '../parts/words.js';
import { keyOf } from '../state/known.js';
import { links } from '../state/route.js';
/** @import { Summary } from '../contract.d.ts' */

/**
 * A video in the list.
 *
 * @param {Summary} video
 */
export function videoRow(video) {
  const { title, url, durationSeconds, createdAt, progress } = video;
  const tone = toneOf(video);
  return html`<li class="row tone-${tone}">
    <span class="row-sign">${icons[tone]()}</span>
    <div class="row-main">
      <a class="row-title" href=${links.video(video)} data-key=${keyOf(video)}>
        <bdi>${title ?? shortLink(url)}</bdi>
      </a>
      <p class="row-state"><b>${standing(video)}</b>${more(video)}</p>
      ${tone === 'working' ? progressBar(standing(video), progress?.percent) : nothing}
    </div>
    <div class="row-memory">
      ${
        progress
          ? memoryBar(progress.memoryMb, progress.limitMb, 'Memory now')
          : memoryBar(video.peakMb, video.limitMb, 'Peak memory')
      }
    </div>
    <div class="row-facts">
      ${durationSeconds === undefined ? nothing : html`<span class="duration">${clock(durationSeconds)}</span>`}
      ${when(createdAt)}
    </div>
  </li>`;
}

/** What there is to say beyond the state. @param {Summary} video */
function more(video) {
  const { phase, progress, passages, language, reason, attempts } = video;
  /** @type {(string | undefined)[]} */
  const words = [];
  if (phase === 'Failed' || phase === 'Retrying' || phase === 'Suspended')
    words.push(reason === undefined || reason === phase ? undefined : reasonWords(reason));
  if (progress?.percent !== undefined) words.push(`${Math.round(progress.percent)} %`);
  if (progress?.detail !== undefined) words.push(progress.detail);
  if (phase === 'Ready') {
    words.push(
      reason === 'NoSpeech'
        ? reasonWords(reason)
        : passages === undefined
          ? undefined
          : counted(passages, 'passage'),
    );
    words.push(language === undefined ? undefined : languageName(language));
  }
  if (attempts > 1) words.push(`attempt ${attempts}`);
  // No line begins with the point.
  return words.filter((word) => word !== undefined).map((word) => html` · <bdi>${word}</bdi>`);
}
