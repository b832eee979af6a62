import { html, nothing } from '../html.js';
import { icons } from '../parts/icons.js';
import { conditionWords } from '../parts/words.js';
import { exact } from '../parts/time.js';
/** @import { Condition, Detail, Summary } from '../contract.d.ts' */

/** The conditions, in plain words. @param {Summary & Partial<Detail>} video */
export function checks({ conditions = [] }) {
  const shown = conditions.flatMap((condition) => {
    const words = conditionWords(condition);
    return words === undefined ? [] : [{ condition, words }];
  });
  if (shown.length === 0) return nothing;
  return html`<section class="card side-card" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    <ul class="checks">
      ${shown.map(({ condition, words }) => check(condition, words))}
    </ul>
  </section>`;
}

/**
 * @param {Condition} condition
 * @param {string} words
 */
function check({ status, reason, message, lastTransitionTime }, words) {
  // That it is done is said already.
  const isTold = status === 'Unknown' || reason === 'Completed' || message === '';
  const [tone, sign, said] =
    status === 'True'
      ? /** @type {const} */ (['ready', icons.ready(), 'Yes'])
      : status === 'False'
        ? /** @type {const} */ (['failed', icons.failed(), 'No'])
        : /** @type {const} */ (['waiting', icons.unknown(), 'Not yet']);
  return html`<li class="tone-${tone}" title=${status === 'Unknown' ? nothing : exact(lastTransitionTime)}>
    ${sign}
    <div>
      <span class="hidden">${said}: </span><span class="check-words">${words}</span>
      ${isTold ? nothing : html`<small dir="auto">${message}</small>`}
    </div>
  </li>`;
}
