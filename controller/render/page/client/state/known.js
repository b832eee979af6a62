import { signal } from '../signals.js';
/** @import { Progress, Summary, VideoKey } from '../contract.d.ts' */

/** The newest of each video that the server has told, by {@link keyOf}. */
export const known = signal(/** @type {ReadonlyMap<string, Summary>} */ (new Map()));

/** Uids of what was deleted while the page was open. */
export const deleted = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {VideoKey} video */
export function keyOf({ namespace, name }) {
  return `${namespace}/${name}`;
}

/**
 * Takes what is newer than what is known: answers and events come in no order.
 *
 * @param {readonly Summary[]} videos
 */
export function learn(videos) {
  const next = new Map(known.value);
  for (const video of videos) {
    const before = next.get(keyOf(video));
    if (!deleted.value.has(video.uid) && (!before || !isNewer(before, video))) next.set(keyOf(video), video);
  }
  known.value = next;
}

/** @param {VideoKey & { uid: string }} video */
export function forget(video) {
  deleted.value = new Set(deleted.value).add(video.uid);
  if (known.value.get(keyOf(video))?.uid !== video.uid) return;
  const next = new Map(known.value);
  next.delete(keyOf(video));
  known.value = next;
}

/**
 * @param {VideoKey} key
 * @param {Progress | null} progress null: it is worked on no more
 */
export function progressed(key, progress) {
  const video = known.value.get(keyOf(key));
  if (!video) return;
  const { progress: _before, ...rest } = video;
  known.value = new Map(known.value).set(keyOf(key), progress ? { ...rest, progress } : rest);
}

/**
 * Versions are whole numbers that only grow.
 *
 * @param {{ resourceVersion: string }} one
 * @param {{ resourceVersion: string }} other
 */
export function isNewer(one, other) {
  return Number(one.resourceVersion) > Number(other.resourceVersion);
}
