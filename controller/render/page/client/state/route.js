import { signal } from '../signals.js';

/**
 * What is looked at.
 *
 * @typedef {{ readonly view: 'videos', readonly filter: string }
 *   | { readonly view: 'video', readonly namespace: string, readonly name: string, readonly at: number | undefined }
 *   | { readonly view: 'search', readonly query: string }
 *   | { readonly view: 'missing' }} Route
 */

/**
 * The route that a hash such as `#/videos/default/loom-1?t=63` names.
 *
 * @param {string} hash
 * @returns {Route}
 */
export function parseRoute(hash) {
  const url = URL.parse(hash.replace(/^#/, '') || '/', 'http://page.invalid');
  const [first, namespace, name, ...more] = (url?.pathname ?? '').split('/').slice(1).map(decoded);
  const query = url?.searchParams;
  if (first === '') return { view: 'videos', filter: query?.get('state') ?? 'all' };
  if (first === 'search' && namespace === undefined) return { view: 'search', query: query?.get('q') ?? '' };
  if (first === 'videos' && namespace && name && more.length === 0) {
    const at = Number.parseFloat(query?.get('t') ?? '');
    return { view: 'video', namespace, name, at: at >= 0 ? at : undefined };
  }
  return { view: 'missing' };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

export const links = {
  /** @param {string} [filter] */
  videos: (filter = 'all') => (filter === 'all' ? '#/' : `#/?state=${encodeURIComponent(filter)}`),
  /**
   * @param {import('../contract.d.ts').VideoKey} key
   * @param {number} [at] seconds
   */
  video: ({ namespace, name }, at) =>
    `#/videos/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}${at === undefined ? '' : `?t=${Math.floor(at)}`}`,
  /** @param {string} query */
  search: (query) => (query === '' ? '#/search' : `#/search?q=${encodeURIComponent(query)}`),
};

export const route = signal(parseRoute(location.hash));

/** Whether the next change of address is a step on, by a link or as if by one, rather than Back or Forward. */
export const step = { on: false };

/**
 * Goes there, as a link would; `replace`: without a step for Back.
 *
 * @param {string} hash
 * @param {{ replace?: boolean }} [options]
 */
export function goTo(hash, { replace = false } = {}) {
  if (replace) {
    history.replaceState(history.state, '', hash);
    route.value = parseRoute(hash);
  } else {
    step.on = true;
    location.hash = hash;
  }
}

addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});
