import { html, nothing } from '../html.js';
import { now } from '../state/now.js';
import { ago, exact } from './time.js';

/**
 * How long ago it was, with the very instant for those who point at it.
 *
 * @param {string | undefined} instant
 */
export function when(instant) {
  if (instant === undefined) return nothing;
  return html`<time datetime=${instant} title=${exact(instant)}>${ago(instant, now.value)}</time>`;
}
