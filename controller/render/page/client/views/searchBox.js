import { html, live } from '../html.js';
import { elementOf } from '../parts/elementOf.js';
import { icons } from '../parts/icons.js';
import { effect, signal } from '../signals.js';
import { goTo, links, route } from '../state/route.js';
import { searchFor } from '../state/search.js';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'k' || !(isMac ? event.metaKey : event.ctrlKey) || event.altKey) return;
  const input = document.querySelector('#search');
  if (!(input instanceof HTMLInputElement)) return;
  event.preventDefault();
  input.focus();
  input.select();
});

/** What stands in the box: of the address, until somebody types. */
const words = signal('');

effect(() => {
  words.value = route.value.view === 'search' ? route.value.query : '';
});

/** @param {Event} event */
function typed(event) {
  const { value } = elementOf(event, HTMLInputElement);
  words.value = value;
  // One step of Back leads out of the search, however much was typed.
  if (route.value.view === 'search') goTo(links.search(value), { replace: true });
}

/** @param {SubmitEvent} event */
function submit(event) {
  event.preventDefault();
  searchFor(words.value, { soon: true });
  goTo(links.search(words.value), { replace: route.value.view === 'search' });
}

/** The search over all videos, at the top of every view. */
export function searchBox() {
  return html`<form class="search-box" role="search" @submit=${submit}>
    <label class="hidden" for="search">Search all videos</label>
    ${icons.search()}
    <input
      id="search"
      name="q"
      type="search"
      placeholder="Search all videos"
      autocomplete="off"
      enterkeyhint="search"
      maxlength="1000"
      aria-keyshortcuts=${isMac ? 'Meta+K' : 'Control+K'}
      .value=${live(words.value)}
      @input=${typed}
    />
    <kbd aria-hidden="true">${isMac ? '⌘K' : 'Ctrl K'}</kbd>
  </form>`;
}
