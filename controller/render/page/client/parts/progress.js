import { html } from '../html.js';

/**
 * How far a stage is; without a percentage, that it goes on.
 *
 * @param {string} label
 * @param {number | undefined} percent 0–100
 */
export function progressBar(label, percent) {
  return percent === undefined
    ? html`<progress class="progress" aria-label=${label}></progress>`
    : html`<progress class="progress" max="100" value=${Math.round(percent)} aria-label=${label}></progress>`;
}
