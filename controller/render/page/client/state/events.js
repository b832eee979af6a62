import { signal } from '../signals.js';
/** @import { Progress, Summary, VideoKey } from '../contract.d.ts' */

/** A break shorter than this is not worth a word; milliseconds. */
const LOST_AFTER_MS = 1500;
/** Between tries where the browser has given up; milliseconds. */
const RETRY_MS = 3000;

/**
 * @typedef {object} EventHandlers
 * @property {(video: Summary) => void} video
 * @property {(video: VideoKey & { uid: string }) => void} deleted
 * @property {(key: VideoKey, progress: Progress | null) => void} progress
 * @property {() => void} lost what happened since is not told: list again
 */

/** Whether changes come in by themselves. */
export const connection = signal(/** @type {'off' | 'live' | 'lost'} */ ('off'));

/** @type {EventSource | undefined} */
let source;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let lostTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retryTimer;

/**
 * Listens to the changes after a version. The browser itself takes the connection up again where it breaks, and says
 * where it had stopped.
 *
 * @param {string} after
 * @param {EventHandlers} handlers
 */
export function listen(after, handlers) {
  stopListening();
  const events = new EventSource(`/api/events?after=${encodeURIComponent(after)}`);
  source = events;
  events.addEventListener('open', () => {
    clearTimeout(lostTimer);
    lostTimer = undefined;
    connection.value = 'live';
  });
  events.addEventListener('error', () => {
    lostTimer ??= setTimeout(() => {
      connection.value = 'lost';
    }, LOST_AFTER_MS);
    if (events.readyState === EventSource.CLOSED) lostIn(RETRY_MS, handlers);
  });
  events.addEventListener('video', ({ data }) => handlers.video(JSON.parse(data)));
  events.addEventListener('deleted', ({ data }) => handlers.deleted(JSON.parse(data)));
  events.addEventListener('progress', ({ data }) => {
    const { progress, ...key } = JSON.parse(data);
    handlers.progress(key, progress);
  });
  events.addEventListener('reset', () => handlers.lost());
}

/**
 * @param {number} milliseconds
 * @param {EventHandlers} handlers
 */
function lostIn(milliseconds, handlers) {
  clearTimeout(retryTimer);
  retryTimer = setTimeout(() => handlers.lost(), milliseconds);
}

/** The list could not be had: it is tried again in a while. @param {EventHandlers} handlers */
export function notListening(handlers) {
  connection.value = 'lost';
  lostIn(RETRY_MS, handlers);
}

export function stopListening() {
  source?.close();
  source = undefined;
  clearTimeout(lostTimer);
  clearTimeout(retryTimer);
  lostTimer = undefined;
}
