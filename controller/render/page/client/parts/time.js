const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// They cost more to make than all else that a row shows.
const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const instants = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'long' });

/**
 * A moment in a video as players show it: `1:03`, `1:02:03`.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  const rest = twoDigits(whole % MINUTE);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** @param {number} value */
function twoDigits(value) {
  return String(value).padStart(2, '0');
}

/**
 * How long something took: `0.4 s`, `12 s`, `1 min 3 s`, `2 h 5 min`.
 *
 * @param {number} seconds
 */
export function took(seconds) {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return joined([Math.floor(whole / MINUTE), 'min'], [whole % MINUTE, 's']);
  return joined([Math.floor(whole / HOUR), 'h'], [Math.floor((whole % HOUR) / MINUTE), 'min']);
}

/**
 * @param {readonly [number, string]} large
 * @param {readonly [number, string]} small
 */
function joined(large, small) {
  return small[0] === 0 ? large.join(' ') : `${large.join(' ')} ${small.join(' ')}`;
}

/**
 * How long ago an instant was: `just now`, `2 min ago`, `3 h ago`, `5 days ago`, and from a month on its date. A clock
 * that is ahead of ours counts as now.
 *
 * @param {string} instant RFC 3339
 * @param {number} now milliseconds since 1970
 */
export function ago(instant, now) {
  const seconds = (now - Date.parse(instant)) / 1000;
  if (Number.isNaN(seconds)) return '';
  if (seconds < 45) return 'just now';
  if (seconds < HOUR) return `${Math.max(1, Math.floor(seconds / MINUTE))} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 2 * DAY) return 'yesterday';
  if (seconds < 30 * DAY) return `${Math.floor(seconds / DAY)} days ago`;
  return dates.format(new Date(instant));
}

/**
 * An instant in full, in the reader's time zone.
 *
 * @param {string} instant RFC 3339
 */
export function exact(instant) {
  const date = new Date(instant);
  if (Number.isNaN(date.valueOf())) return instant;
  return instants.format(date);
}
