import { wordsIn } from '../../search/words.ts';

/** A word's further occurrences add next to nothing to ts_rank, whose weights fall with the square of their number. */
const MAX_OCCURRENCES = 8;

/**
 * Bytes that the words of one text may take in a tsvector. It holds 1 MB (documentation 17, "12.11. Limitations"), in
 * which the text, the chapter's and the video's title must fit.
 */
export const MAX_TEXT_BYTES = 700_000;
export const MAX_TITLE_BYTES = 100_000;

/**
 * A word as it is indexed and looked up: without the accents of Latin, Greek and Cyrillic letters, so that "cafe" finds
 * "café". Done here on both sides, it does not depend on the database's locale or dictionaries.
 */
export function foldWord(word: string): string {
  return word
    .normalize('NFD')
    .replace(/[\u0300-\u036F]/g, '')
    .normalize('NFC');
}

/**
 * The words by which a text is found, separated by spaces: of a text that repeats itself a few of each word, and of one
 * that never does as many as a tsvector can hold, from its beginning.
 */
export function indexWords(text: string, maxBytes: number): string {
  const seen = new Map<string, number>();
  const kept: string[] = [];
  let bytes = 0;
  for (const word of wordsIn(text).map(foldWord)) {
    const occurrences = seen.get(word) ?? 0;
    if (occurrences === MAX_OCCURRENCES) continue;
    // At most, in tsvectorin's layout (src/include/tsearch/ts_type.h): per word its letters, a byte to align them and
    // the number of its places; two bytes per place. Twice the letters, for a word that PostgreSQL sees as several.
    const cost = occurrences === 0 ? 2 * Buffer.byteLength(word) + 8 : 2;
    if (bytes + cost > maxBytes) continue;
    bytes += cost;
    seen.set(word, occurrences + 1);
    kept.push(word);
  }
  return kept.join(' ');
}
