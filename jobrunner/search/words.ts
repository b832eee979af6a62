/** Longer runs of letters are not words. */
const MAX_WORD_CHARACTERS = 64;

/**
 * The words of a text in their order, in lower case: letters and digits only, so that no search syntax is left in them,
 * whatever the text holds.
 */
export function wordsIn(text: string): string[] {
  const words = text
    .toLowerCase()
    // Marks belong to the letter before them: without them "naïve", decomposed, would fall into two words.
    .match(/[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu);
  return (words ?? []).map(cutWord);
}

/** A cut through a surrogate pair would leave half a character: drop that half. */
function cutWord(word: string): string {
  return word.slice(0, MAX_WORD_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
}
