/** Shorter values are no secret, and would be found in every other word. */
const SHORTEST_SECRET = 6;

/** A function that blanks the given secrets wherever they stand in a text, whoever put them there. */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets
    .flatMap((secret) => (secret !== undefined && secret.length >= SHORTEST_SECRET ? [secret] : []))
    // The longest first: one secret may begin with another, whose blanking would leave its rest.
    .toSorted((a, b) => b.length - a.length);
  return (text) => known.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}
