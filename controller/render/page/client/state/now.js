import { signal } from '../signals.js';

/** Often enough for minutes, milliseconds. */
const TICK_MS = 20_000;

/** The present, for what is said to be so long ago; milliseconds since 1970. */
export const now = signal(Date.now());

const tick = () => {
  now.value = Date.now();
};
setInterval(tick, TICK_MS);
document.addEventListener('visibilitychange', tick);
