/**
 * A stranger's text made safe for a log line, a terminal and a status message: control characters, line breaks and
 * direction overrides become spaces, and what is longer than `limit` characters is cut with an ellipsis.
 */
export function oneLine(text: string, limit = 200): string {
  const clean = text
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  // A cut through a surrogate pair would leave half a character: drop that half.
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
