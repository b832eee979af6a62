/** Numbers that a transcriber may write either way. */
const NUMBERS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** Words as they are compared: lower case, no punctuation, small numbers spelled out. */
export function normalisedWords(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[’']/g, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .map((word) => (/^\d{1,2}$/.test(word) ? (NUMBERS[Number(word)] ?? word) : word));
}

/**
 * Word error rate: the least number of words to substitute, delete and insert to turn the heard words into the spoken
 * ones, divided by the number spoken (Levenshtein distance over words).
 */
export function wordErrorRate(spoken: string, heard: string): number {
  const reference = normalisedWords(spoken);
  const hypothesis = normalisedWords(heard);
  let previous = Array.from({ length: hypothesis.length + 1 }, (_, index) => index);
  for (const [row, word] of reference.entries()) {
    const current = [row + 1];
    for (const [column, other] of hypothesis.entries()) {
      const substituted = (previous[column] ?? 0) + (word === other ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return (previous.at(-1) ?? 0) / reference.length;
}
