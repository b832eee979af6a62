import { createHash } from 'node:crypto';

/** English words that say little about a text. */
const FILLERS = new Set(
  `a about all also an and any are as at be been but by can could did do does for from had has have how i if in into is
it its just me my no not of on one or our out she he so some than that the their them then there these they this to
too up was we were what when where which who why will with would you your`.split(/\s+/),
);
/** Weight of a word's beginning, which its other forms share. */
const STEM_WEIGHT = 0.5;
const FILLER_WEIGHT = 0.1;
const STEM_LENGTH = 5;

/**
 * A unit-length vector in place of a model's: the sum of a fixed random direction for each of the text's words, so that
 * texts with words in common are near each other, and a vector cut short still tells them apart. The same text always
 * has the same vector.
 */
export function wordVector(text: string, dimensions: number): number[] {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const sum = new Float64Array(dimensions);
  for (const [word, count] of counts) {
    const weight = (1 + Math.log(count)) * (FILLERS.has(word) ? FILLER_WEIGHT : 1);
    addDirection(sum, word, weight);
    if (word.length > STEM_LENGTH) addDirection(sum, `${word.slice(0, STEM_LENGTH)}…`, weight * STEM_WEIGHT);
  }
  // A text without words is like itself only.
  if (counts.size === 0) addDirection(sum, `text ${text}`, 1);
  return unitLength([...sum]);
}

export function unitLength(values: readonly number[]): number[] {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / length);
}

/** Adds ±weight to each number, by bits that the word's hash seeds (xorshift32). */
function addDirection(sum: Float64Array, word: string, weight: number): void {
  let state = createHash('sha256').update(word).digest().readUInt32LE(0) || 1;
  for (let index = 0; index < sum.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    sum[index] = (sum[index] ?? 0) + ((state & 0x10000) === 0 ? weight : -weight);
  }
}
