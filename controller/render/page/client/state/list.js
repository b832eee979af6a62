import { api } from '../api.js';
import { batch, signal } from '../signals.js';
import { refreshCounts } from './counts.js';
import { passes, phaseOf } from './filters.js';
import { forget, keyOf, known, learn } from './known.js';
/** @import { Summary, VideoKey } from '../contract.d.ts' */

/** Videos in a page of the list. */
const PAGE = 50;

/**
 * The list as far as it was loaded, newest first.
 *
 * @typedef {object} List
 * @property {'loading' | 'ready' | 'error'} status
 * @property {string} filter
 * @property {readonly string[]} keys see keyOf
 * @property {string | undefined} next page of the server, where there are more
 * @property {boolean} loadingMore
 * @property {string | undefined} error
 */

export const list = signal(
  /** @type {List} */ ({
    status: 'loading',
    filter: 'all',
    keys: [],
    next: undefined,
    loadingMore: false,
    error: undefined,
  }),
);

/** @type {AbortController | undefined} */
let loading;

/**
 * Loads the first page. Gives the version of what was listed, for the events from there on; undefined where that did not
 * work or something else is wanted by now.
 *
 * @param {string} filter
 */
export async function loadList(filter) {
  loading?.abort();
  loading = new AbortController();
  const { signal: aborted } = loading;
  const before = list.value;
  // What is there stays while it is asked for again.
  if (before.filter !== filter || before.status === 'error')
    list.value = { ...before, status: 'loading', filter, keys: [], next: undefined, error: undefined };
  try {
    const page = await api.list({ limit: PAGE, phase: phaseOf(filter), signal: aborted });
    batch(() => {
      learn(page.items);
      list.value = {
        status: 'ready',
        filter,
        keys: page.items.map(keyOf),
        next: page.continue,
        loadingMore: false,
        error: undefined,
      };
    });
    refreshCounts();
    return page.resourceVersion;
  } catch (error) {
    if (!aborted.aborted) list.value = { ...list.value, status: 'error', error: messageOf(error) };
    return undefined;
  }
}

/**
 * @param {string} filter
 * @param {boolean} mayAsk otherwise it is loaded with all the rest once somebody has signed in
 */
export function narrowTo(filter, mayAsk) {
  if (filter === list.value.filter) return;
  list.value = { ...list.value, filter, status: 'loading', keys: [], next: undefined, error: undefined };
  if (mayAsk) void loadList(filter);
}

export async function loadMore() {
  const { next, filter, loadingMore } = list.value;
  if (next === undefined || loadingMore) return;
  list.value = { ...list.value, loadingMore: true, error: undefined };
  try {
    const page = await api.list({ limit: PAGE, phase: phaseOf(filter), page: next });
    if (list.value.next !== next) return;
    batch(() => {
      learn(page.items);
      const keys = new Set([...list.value.keys, ...page.items.map(keyOf)]);
      list.value = { ...list.value, keys: [...keys], next: page.continue, loadingMore: false };
    });
  } catch (error) {
    list.value = { ...list.value, loadingMore: false, error: messageOf(error) };
  }
}

/**
 * A video is new or has changed.
 *
 * @param {Summary} video
 */
export function videoChanged(video) {
  const key = keyOf(video);
  const before = known.value.get(key);
  if (before?.phase !== video.phase) refreshCounts();
  batch(() => {
    learn([video]);
    const newest = known.value.get(key);
    const { keys, filter } = list.value;
    const isListed = keys.includes(key);
    const belongs = newest !== undefined && passes(filter, newest);
    if (isListed && !belongs) list.value = { ...list.value, keys: keys.filter((other) => other !== key) };
    else if (!isListed && belongs) insert(key, newest);
  });
}

/**
 * In its place among what is loaded; what would stand below that comes with a later page.
 *
 * @param {string} key
 * @param {Summary} video
 */
function insert(key, video) {
  const { keys, next } = list.value;
  const at = keys.findIndex((other) => {
    const listed = known.value.get(other);
    return listed && comesBefore(video, listed);
  });
  if (at === -1 && next !== undefined) return;
  list.value = { ...list.value, keys: at === -1 ? [...keys, key] : keys.toSpliced(at, 0, key) };
}

/**
 * As the server orders them: the newest first, of one second by their uid.
 *
 * @param {Summary} one
 * @param {Summary} other
 */
function comesBefore(one, other) {
  return one.createdAt === other.createdAt ? one.uid > other.uid : one.createdAt > other.createdAt;
}

/** @param {VideoKey & { uid: string }} video */
export function videoDeleted(video) {
  batch(() => {
    forget(video);
    const { keys } = list.value;
    if (!known.value.has(keyOf(video)))
      list.value = { ...list.value, keys: keys.filter((key) => key !== keyOf(video)) };
  });
  refreshCounts();
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
