/**
 * A text as PostgreSQL can hold it: it takes no NUL (documentation 17, "8.3. Character Types") and, being UTF-8, no half
 * of a surrogate pair. Each becomes U+FFFD, the replacement character; nothing else changes.
 */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed();
}
