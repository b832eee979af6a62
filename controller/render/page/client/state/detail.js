import { api, ApiError } from '../api.js';
import { computed, effect, signal, untracked } from '../signals.js';
import { deleted, isNewer, keyOf, known, learn } from './known.js';
import { route } from './route.js';
import { isIn } from './session.js';
/** @import { Detail, Summary, Transcript, VideoKey } from '../contract.d.ts' */

/** A stage that ends makes several changes at once; milliseconds. */
const SETTLE_MS = 200;

/**
 * The video whose page is open.
 *
 * @typedef {object} Opened
 * @property {VideoKey} key
 * @property {'loading' | 'ready' | 'missing' | 'error'} status
 * @property {Detail | undefined} video
 * @property {Transcript | undefined} transcript
 * @property {string | undefined} error
 * @property {string | undefined} transcriptError
 */

export const opened = signal(/** @type {Opened | undefined} */ (undefined));

/** What is known of it: in full where it was loaded, and as new as the events have told. */
export const current = computed(
  /** @returns {(Summary & Partial<Detail>) | undefined} */ () => {
    const { key, video } = opened.value ?? {};
    const summary = key && known.value.get(keyOf(key));
    if (!video || !summary || summary.uid !== video.uid) return summary ?? video;
    return { ...withoutFleeting(video), ...summary };
  },
);

/** Whether it is gone from the server. */
export const isGone = computed(() => {
  const { video, status } = opened.value ?? {};
  return status === 'missing' || (video !== undefined && deleted.value.has(video.uid));
});

/** @type {AbortController | undefined} */
let loading;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {VideoKey} key */
export function openVideo(key) {
  loading?.abort();
  opened.value = {
    key,
    status: 'loading',
    video: undefined,
    transcript: undefined,
    error: undefined,
    transcriptError: undefined,
  };
  void load();
}

export function closeVideo() {
  loading?.abort();
  opened.value = undefined;
}

/** Loads it again, where one is open. */
export function refreshDetail() {
  if (!opened.value) return;
  timer ??= setTimeout(() => {
    timer = undefined;
    void load();
  }, SETTLE_MS);
}

async function load() {
  const { key, transcript, video: before } = opened.value ?? {};
  if (!key || isGone.value) return;
  loading?.abort();
  loading = new AbortController();
  const { signal: aborted } = loading;
  /** @param {Partial<Opened>} change */
  const show = (change) => {
    if (opened.value && !aborted.aborted) opened.value = { ...opened.value, ...change };
  };
  try {
    const video = await api.video(key, aborted);
    show({ status: 'ready', video, error: undefined });
    learn([summaryOf(video)]);
    const isSame = transcript && before?.uid === video.uid && before.finishedAt === video.finishedAt;
    if (!isSame && hasTranscript(video)) await loadTranscript(key, aborted, show);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) show({ status: 'missing' });
    else show({ status: opened.value?.video ? 'ready' : 'error', error: messageOf(error) });
  }
}

/**
 * @param {VideoKey} key
 * @param {AbortSignal} aborted
 * @param {(change: Partial<Opened>) => void} show
 */
async function loadTranscript(key, aborted, show) {
  try {
    show({ transcript: await api.transcript(key, aborted), transcriptError: undefined });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) show({ transcript: undefined });
    else show({ transcriptError: messageOf(error) });
  }
}

/** What was indexed has its transcript stored, also while it is worked on anew. @param {Summary} video */
export function hasTranscript({ phase, passages }) {
  return phase === 'Ready' || (passages ?? 0) > 0;
}

/**
 * @param {Detail} video
 * @returns {Summary}
 */
function summaryOf({
  conditions: _conditions,
  chapters: _chapters,
  runs: _runs,
  timings: _timings,
  ...summary
}) {
  return summary;
}

/**
 * Without what may be absent from a newer summary because it holds no more.
 *
 * @param {Detail} video
 */
function withoutFleeting({ conditions, chapters, runs, timings }) {
  return { conditions, chapters, runs, ...(timings && { timings }) };
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

effect(() => {
  const at = route.value;
  const mayAsk = isIn.value;
  untracked(() => {
    const key = opened.value?.key;
    if (at.view !== 'video' || !mayAsk) closeVideo();
    else if (!key || keyOf(key) !== keyOf(at)) openVideo({ namespace: at.namespace, name: at.name });
  });
});

effect(() => {
  const { key, video } = opened.value ?? {};
  const summary = key && known.value.get(keyOf(key));
  if (video && summary && isNewer(summary, video)) refreshDetail();
});
