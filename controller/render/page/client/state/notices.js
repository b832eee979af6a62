import { signal } from '../signals.js';

/** For a sentence to be read, milliseconds. */
const SHOWN_MS = 6000;

/** What has just happened, shown for a while and read out; undefined: nothing. */
export const notice = signal(/** @type {string | undefined} */ (undefined));

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} text */
export function say(text) {
  notice.value = text;
  clearTimeout(timer);
  timer = setTimeout(dismiss, SHOWN_MS);
}

export function dismiss() {
  notice.value = undefined;
}
