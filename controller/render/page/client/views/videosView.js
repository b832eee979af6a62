import { guard, html, nothing, repeat } from '../html.js';
import { counted, grouped } from '../parts/words.js';
import { counts } from '../state/counts.js';
import { FILTERS } from '../state/filters.js';
import { known } from '../state/known.js';
import { list, loadMore } from '../state/list.js';
import { now } from '../state/now.js';
import { links, route } from '../state/route.js';
import { startSync } from '../state/sync.js';
import { addLinks } from './addLinks.js';
import { videoRow } from './videoRow.js';

/** All videos, and the place to add some. */
export function videosView() {
  return html`<div class="videos-view">
    <h1 tabindex="-1">Videos</h1>
    ${addLinks()}
    <section aria-labelledby="list-title">
      <h2 id="list-title" class="hidden">Your videos</h2>
      ${filters()} ${body()}
    </section>
  </div>`;
}

function filters() {
  const at = route.value.view === 'videos' ? route.value.filter : 'all';
  if (at === 'all' && list.value.status === 'ready' && list.value.keys.length === 0) return nothing;
  const shown = FILTERS.filter(({ id }) => id === 'all' || id === at || (counts.value.get(id) ?? 0) > 0);
  return html`<nav class="filters" aria-label="Videos by state">
    ${shown.map(({ id, label }) => {
      const count = counts.value.get(id);
      return html`<a href=${links.videos(id)} aria-current=${id === at ? 'page' : nothing}>
        ${label}${count === undefined ? nothing : html` <span class="count">${grouped(count)}</span>`}
      </a>`;
    })}
  </nav>`;
}

function body() {
  const { status, error, filter, keys, next, loadingMore } = list.value;
  if (status === 'error' && keys.length === 0)
    return html`<div class="problem" role="alert">
      <h2>The list could not be loaded</h2>
      <p>${error}</p>
      <button type="button" class="button" @click=${() => void startSync()}>Try again</button>
    </div>`;
  if (status === 'loading' && keys.length === 0) return placeholders();
  if (keys.length === 0) return filter === 'all' ? nothingYet() : nothingLikeThat(filter);
  const total = counts.value.get(filter);
  return html`<ul class="videos">
      ${repeat(
        keys,
        (key) => key,
        (key) => {
          const video = known.value.get(key);
          // Of hundreds of rows one changes at a time, some times a second.
          return video ? guard([video, now.value], () => videoRow(video)) : nothing;
        },
      )}
    </ul>
    <div class="list-end">
      ${error === undefined ? nothing : html`<p role="alert" class="field-error">${error}</p>`}
      ${
        next === undefined
          ? nothing
          : html`<button
              type="button"
              class="button"
              aria-disabled=${String(loadingMore)}
              @click=${() => void loadMore()}
            >
              ${loadingMore ? 'Loading…' : 'Show more'}
            </button>`
      }
      <p role="status">
        ${total === undefined || total <= keys.length ? counted(keys.length, 'video') : `${keys.length} of ${counted(total, 'video')}`}
      </p>
    </div>`;
}

function placeholders() {
  return html`<p class="hidden" role="status">Loading the videos…</p>
    <ul class="videos" aria-hidden="true">
      ${[1, 2, 3].map(
        () =>
          html`<li class="row placeholder"><span class="bone round"></span><span class="bone"></span></li>`,
      )}
    </ul>`;
}

function nothingYet() {
  return html`<div class="empty">
    <h2>No videos yet</h2>
    <p>Paste a Loom link above to begin. Each video goes through three steps by itself.</p>
    <ol class="steps-intro">
      <li><b>Download</b> The recording is fetched and checked.</li>
      <li><b>Transcribe</b> What is said becomes text, to the second.</li>
      <li><b>Index</b> You find it by meaning and by words.</li>
    </ol>
  </div>`;
}

/** @param {string} filter */
function nothingLikeThat(filter) {
  const words = FILTERS.find(({ id }) => id === filter)?.label.toLowerCase() ?? filter;
  return html`<div class="empty">
    <h2>No video is ${words}</h2>
    <p><a href=${links.videos()}>Show all videos</a></p>
  </div>`;
}
