import { api, ApiError } from '../api.js';
import { html, nothing } from '../html.js';
import { elementOf } from '../parts/elementOf.js';
import { icons } from '../parts/icons.js';
import { linksIn, shortLink } from '../parts/links.js';
import { counted } from '../parts/words.js';
import { signal } from '../signals.js';
import { links } from '../state/route.js';
/** @import { AddResult } from '../contract.d.ts' */

/** The server takes no more at once. */
const AT_ONCE = 100;

const busy = signal(false);
const results = signal(/** @type {readonly AddResult[]} */ ([]));
const problem = signal(/** @type {string | undefined} */ (undefined));

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  const area = elementOf(event, HTMLFormElement).querySelector('textarea');
  if (!area || busy.value) return;
  const given = linksIn(area.value);
  results.value = [];
  problem.value = given.length === 0 ? 'Paste at least one Loom link.' : undefined;
  if (given.length === 0) {
    area.focus();
    return;
  }
  busy.value = true;
  let left = given;
  try {
    while (left.length > 0) {
      const answer = await api.add(left.slice(0, AT_ONCE));
      results.value = [...results.value, ...answer.results];
      left = left.slice(AT_ONCE);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem.value = error.message;
  } finally {
    busy.value = false;
  }
  // What has to be corrected or sent again stays.
  const wrong = results.value.filter(({ outcome }) => outcome === 'invalid').map(({ link }) => link);
  area.value = [...wrong, ...left].join('\n');
  if (area.value !== '') area.focus();
}

/** @param {KeyboardEvent} event */
function keyPressed(event) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  elementOf(event, HTMLTextAreaElement).form?.requestSubmit();
}

function clear() {
  results.value = [];
}

/** Where links are pasted, and what became of each. */
export function addLinks() {
  return html`<form class="card add" @submit=${submit} novalidate>
    <label for="links">Add videos</label>
    <div class="add-row">
      <textarea
        id="links"
        name="links"
        rows="1"
        placeholder="Paste Loom links here"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-describedby="links-hint links-problem"
        aria-invalid=${problem.value === undefined ? 'false' : 'true'}
        @keydown=${keyPressed}
      ></textarea>
      <button class="button primary" aria-disabled=${String(busy.value)}>
        ${busy.value ? 'Adding…' : 'Add'}
      </button>
    </div>
    <p id="links-hint" class="hint">
      Such as https://www.loom.com/share/… Videos are worked on in the order you add them.
    </p>
    <p id="links-problem" class="field-error" role="alert">${problem.value ?? nothing}</p>
    <div role="status">${results.value.length === 0 ? nothing : outcomes()}</div>
  </form>`;
}

function outcomes() {
  return html`<div class="outcomes">
    <div class="outcomes-head">
      <b>${summary()}</b>
      <button type="button" class="icon-button" aria-label="Close the results" @click=${clear}>
        ${icons.cross()}
      </button>
    </div>
    <ul>
      ${results.value.map(outcomeItem)}
    </ul>
  </div>`;
}

function summary() {
  const [created, exists, invalid] = [countOf('created'), countOf('exists'), countOf('invalid')];
  return [
    created > 0 && `${counted(created, 'video')} added`,
    exists > 0 && `${exists} already there`,
    invalid > 0 && `${counted(invalid, 'link')} not understood`,
  ]
    .filter((words) => words !== false)
    .join(', ');
}

/** @param {AddResult['outcome']} wanted */
function countOf(wanted) {
  return results.value.filter(({ outcome }) => outcome === wanted).length;
}

/** @param {AddResult} result */
function outcomeItem({ link, outcome, namespace, name, message }) {
  if (outcome === 'invalid' || namespace === undefined || name === undefined)
    return html`<li class="outcome tone-failed">
      ${icons.failed()}
      <div>
        <bdi class="outcome-link">${link}</bdi>
        <span class="outcome-words">${message ?? 'This is not the link of a Loom video.'}</span>
      </div>
    </li>`;
  return html`<li class="outcome ${outcome === 'created' ? 'tone-ready' : 'tone-waiting'}">
    ${outcome === 'created' ? icons.ready() : icons.waiting()}
    <div>
      <a class="outcome-link" href=${links.video({ namespace, name })}><bdi>${shortLink(link)}</bdi></a>
      <span class="outcome-words">${outcome === 'created' ? 'Added' : 'Already there'}</span>
    </div>
  </li>`;
}
