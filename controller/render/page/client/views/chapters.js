import { html, nothing } from '../html.js';
import { clock } from '../parts/time.js';
import { opened } from '../state/detail.js';
import { links } from '../state/route.js';
import { showPointed } from './bringToView.js';

/** The chapters of the video, each leading to its place in the transcript. */
export function chapters() {
  const { key, video, transcript } = opened.value ?? {};
  const all = video?.chapters ?? [];
  if (!key || all.length === 0) return nothing;
  return html`<nav class="card side-card" aria-labelledby="chapters-title">
    <h2 id="chapters-title">Chapters</h2>
    <ol class="chapters">
      ${all.map(
        ({ start, title }) =>
          html`<li>
            <span class="stamp plain">${clock(start)}</span>
            ${
              transcript && transcript.segments.length > 0
                ? html`<a href=${links.video(key, start)} @click=${showPointed}><bdi>${title}</bdi></a>`
                : html`<bdi>${title}</bdi>`
            }
          </li>`,
      )}
    </ol>
  </nav>`;
}
