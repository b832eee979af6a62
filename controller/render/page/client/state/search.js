import { api } from '../api.js';
import { signal } from '../signals.js';
/** @import { SearchAnswer } from '../contract.d.ts' */

/** A pause in typing, milliseconds. */
const PAUSE_MS = 250;

/**
 * @typedef {object} Search
 * @property {'idle' | 'searching' | 'ready' | 'error'} status
 * @property {string} query what was asked last
 * @property {SearchAnswer | undefined} answer to that or, while it is searched, to the one before
 * @property {boolean} inFull whether it waits for the model
 * @property {string | undefined} error
 */

export const search = signal(
  /** @type {Search} */ ({ status: 'idle', query: '', answer: undefined, inFull: false, error: undefined }),
);

/** @type {AbortController | undefined} */
let searching;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Searches once the words have stood for a moment.
 *
 * @param {string} words
 * @param {{ soon?: boolean, inFull?: boolean }} [options] `soon`: at once; `inFull`: by meaning, also where that takes
 *   some seconds
 */
export function searchFor(words, { soon = false, inFull = false } = {}) {
  clearTimeout(timer);
  const query = words.trim();
  if (query === search.value.query && !inFull && search.value.status !== 'error') return;
  searching?.abort();
  if (query === '') {
    search.value = { status: 'idle', query, answer: undefined, inFull, error: undefined };
    return;
  }
  search.value = { ...search.value, status: 'searching', query, inFull, error: undefined };
  timer = setTimeout(() => void run(query, inFull), soon ? 0 : PAUSE_MS);
}

/**
 * @param {string} query
 * @param {boolean} wait
 */
async function run(query, wait) {
  searching = new AbortController();
  const { signal: aborted } = searching;
  try {
    const answer = await api.search({ query, wait, signal: aborted });
    search.value = { ...search.value, status: 'ready', answer };
  } catch (error) {
    if (aborted.aborted) return;
    search.value = {
      ...search.value,
      status: 'error',
      error: error instanceof Error ? error.message : String(error),
    };
  }
}
