import { STOP_WORDS } from './stopWords.ts';

/** Words of a query that are looked up; the rest of a longer text is ignored. FTS5 refuses some 256 operands. */
const MAX_WORDS = 64;
/** Longer runs of letters are not words. */
const MAX_WORD_CHARACTERS = 64;
/** Characters of a query that are read at all, so that a query of megabytes costs nothing. */
const MAX_QUERY_CHARACTERS = 10_000;

/**
 * The distinct words to look up for a query, in lower case: letters and digits only, so that no search syntax is left
 * in them, whatever the text holds. Stop words are left out unless there is nothing else. Empty when the text has no
 * word.
 */
export function queryWords(query: string): string[] {
  const words = query
    .slice(0, MAX_QUERY_CHARACTERS)
    .toLowerCase()
    // Marks belong to the letter before them: without them "naïve", decomposed, would fall into two words.
    .match(/[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu);
  const distinct = [...new Set((words ?? []).map(cutWord))];
  const telling = distinct.filter((word) => !STOP_WORDS.has(word));
  return (telling.length > 0 ? telling : distinct).slice(0, MAX_WORDS);
}

/** A cut through a surrogate pair would leave half a character: drop that half. */
function cutWord(word: string): string {
  return word.slice(0, MAX_WORD_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
}
