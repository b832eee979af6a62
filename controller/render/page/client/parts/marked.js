import { html } from '../html.js';

/**
 * Text with passages of it marked. Ranges are UTF-16 offsets; what lies outside the text or in another range is passed
 * over. `current` is the number of the range that the reader stands at.
 *
 * @param {string} text
 * @param {readonly (readonly [number, number])[]} ranges
 * @param {number} [current]
 */
export function marked(text, ranges, current) {
  let done = 0;
  const parts = ranges
    .map(([from, to], number) => ({ from, to, number }))
    .toSorted((one, other) => one.from - other.from)
    .flatMap(({ from, to, number }) => {
      if (!(from >= done && to > from && to <= text.length)) return [];
      const before = text.slice(done, from);
      done = to;
      return [
        before,
        html`<mark aria-current=${number === current ? 'true' : 'false'}>${text.slice(from, to)}</mark>`,
      ];
    });
  return html`${parts}${text.slice(done)}`;
}
