import { videoPath } from '../api.js';
import { html, nothing } from '../html.js';
import { icons } from '../parts/icons.js';
import { opened } from '../state/detail.js';
/** @import { Summary } from '../contract.d.ts' */

const FORMATS = [
  { ending: 'txt', label: 'Text', what: 'To read' },
  { ending: 'vtt', label: 'WebVTT', what: 'Captions for the web' },
  { ending: 'srt', label: 'SRT', what: 'Captions for players' },
  { ending: 'json', label: 'JSON', what: 'For programs' },
];

/** The transcript as a file. @param {Summary} video */
export function exports(video) {
  if (!opened.value?.transcript) return nothing;
  return html`<section class="card side-card" aria-labelledby="exports-title">
    <h2 id="exports-title">Download transcript</h2>
    <ul class="exports">
      ${FORMATS.map(
        ({ ending, label, what }) =>
          html`<li>
            <a class="button" href=${`${videoPath(video)}/transcript.${ending}`} download title=${what}>
              ${icons.download()}${label}
            </a>
          </li>`,
      )}
    </ul>
  </section>`;
}
