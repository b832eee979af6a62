import { STOP_WORDS } from './stopWords.ts';
import { wordsIn } from './words.ts';

/** Words of a query that are looked up; the rest of a longer text is ignored. FTS5 refuses some 256 operands. */
const MAX_WORDS = 64;
/** Characters of a query that are read at all, so that a query of megabytes costs nothing. */
const MAX_QUERY_CHARACTERS = 10_000;

/**
 * The distinct words to look up for a query, as {@link wordsIn} gives them. Stop words are left out unless there is
 * nothing else. Empty when the text has no word.
 */
export function queryWords(query: string): string[] {
  const distinct = [...new Set(wordsIn(query.slice(0, MAX_QUERY_CHARACTERS)))];
  const telling = distinct.filter((word) => !STOP_WORDS.has(word));
  return (telling.length > 0 ? telling : distinct).slice(0, MAX_WORDS);
}
