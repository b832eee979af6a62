import { html, nothing, repeat } from '../html.js';
import { icons } from '../parts/icons.js';
import { webAddress } from '../parts/links.js';
import { marked } from '../parts/marked.js';
import { clock } from '../parts/time.js';
import { counted } from '../parts/words.js';
import { keyOf } from '../state/known.js';
import { links } from '../state/route.js';
import { search, searchFor } from '../state/search.js';
/** @import { SearchResult } from '../contract.d.ts' */

/** Search across all videos. */
export function searchView() {
  return html`<div class="search-view">
    <h1 tabindex="-1">Search</h1>
    <p class="search-status" role="status">${statusWords()}</p>
    ${body()}
  </div>`;
}

function statusWords() {
  const { status, answer, inFull } = search.value;
  if (status === 'searching')
    return inFull ? 'Searching by meaning; the model takes some seconds to start…' : 'Searching…';
  if (status !== 'ready' || !answer || answer.results.length === 0) return nothing;
  return counted(answer.results.length, 'passage');
}

function body() {
  const { status, answer, query, error } = search.value;
  if (status === 'error')
    return html`<div class="problem" role="alert">
      <h2>The search did not work</h2>
      <p>${error}</p>
      <button type="button" class="button" @click=${() => searchFor(query, { soon: true })}>Try again</button>
    </div>`;
  if (status === 'idle')
    return html`<div class="empty">
      <h2>Ask in your own words</h2>
      <p>
        Search goes through all that was said in your videos, by meaning and by words. Try a question such as
        “how do I invite a colleague”.
      </p>
    </div>`;
  if (!answer) return nothing;
  const { results, ranking } = answer;
  return html`${ranking === 'lexical' ? lexicalNote() : nothing}
  ${
    results.length === 0 && status === 'ready'
      ? html`<div class="empty">
          <h2>Nothing found</h2>
          <p>No video says anything like that. Try other words, or fewer.</p>
        </div>`
      : html`<ol class="results" aria-busy=${String(status === 'searching')}>
          ${repeat(
            byVideo(results),
            ([first]) => `${keyOf(first)}#${first.start}`,
            (passages) => resultItem(passages),
          )}
        </ol>`
  }`;
}

function lexicalNote() {
  const { status, query } = search.value;
  if (status === 'searching') return nothing;
  return html`<div class="note">
    <p>
      <b>Found by words alone.</b> The model that finds by meaning is not running yet; it starts in some
      seconds.
    </p>
    <button type="button" class="button small" @click=${() => searchFor(query, { soon: true, inFull: true })}>
      Search by meaning
    </button>
  </div>`;
}

/**
 * Passages of one video that follow each other, under one heading: the order stays that of the answer.
 *
 * @param {readonly SearchResult[]} results
 */
function byVideo(results) {
  /** @type {[SearchResult, ...SearchResult[]][]} */
  const groups = [];
  for (const result of results) {
    const last = groups.at(-1);
    if (last && keyOf(last[0]) === keyOf(result)) last.push(result);
    else groups.push([result]);
  }
  return groups;
}

/** @param {readonly [SearchResult, ...SearchResult[]]} passages of one video */
function resultItem([first, ...more]) {
  const { title, name, exists } = first;
  const words = html`<bdi>${title || name}</bdi>`;
  return html`<li class="result">
    <h2>${exists ? html`<a href=${links.video(first)}>${words}</a>` : words}</h2>
    ${exists ? nothing : html`<p class="hint">Its video was deleted here; what it said was kept.</p>`}
    <ul class="passages">
      ${[first, ...more].map(passageItem)}
    </ul>
  </li>`;
}

/** @param {SearchResult} result */
function passageItem(result) {
  const { chapter, start, text, highlights, url, exists } = result;
  const address = webAddress(url);
  return html`<li class="passage">
    ${chapter === undefined ? nothing : html`<h3><bdi>${chapter}</bdi></h3>`}
    <p dir="auto">${marked(text, highlights)}</p>
    <div class="passage-links">
      ${
        address === undefined
          ? html`<span class="stamp pill">${clock(start)}</span>`
          : html`<a class="stamp pill" href=${address} target="_blank" rel="noopener noreferrer">
              ${clock(start)}<span>Open in Loom</span>${icons.outside()}<span class="hidden">
                in a new tab</span
              >
            </a>`
      }
      ${exists ? html`<a class="in-context" href=${links.video(result, start)}>Read in the transcript</a>` : nothing}
    </div>
  </li>`;
}
