/**
 * Where in a segment a match lies: UTF-16 offsets from and to. A match that goes over the end of a segment has a part in
 * each.
 *
 * @typedef {{ readonly segment: number, readonly from: number, readonly to: number }} MatchPart
 */

/**
 * Where the words occur in the segments, one after another as spoken, with neither case nor line ends told apart.
 *
 * @param {readonly { readonly text: string }[]} segments
 * @param {string} words
 * @returns {MatchPart[][]}
 */
export function findWords(segments, words) {
  const pattern = words
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join(String.raw`\s+`);
  if (pattern === '') return [];
  const starts = [0];
  for (const { text } of segments) starts.push((starts.at(-1) ?? 0) + text.length + 1);
  const whole = segments.map(({ text }) => text).join(' ');
  let segment = 0;
  return Array.from(whole.matchAll(new RegExp(pattern, 'giu')), ({ 0: { length }, index }) => {
    const end = index + length;
    while ((starts[segment + 1] ?? Infinity) <= index) segment++;
    /** @type {MatchPart[]} */
    const parts = [];
    for (let at = segment; (starts[at] ?? Infinity) < end; at++) {
      const start = starts[at] ?? 0;
      const last = segments[at]?.text.length ?? 0;
      parts.push({ segment: at, from: Math.max(0, index - start), to: Math.min(last, end - start) });
    }
    return parts;
  });
}
