/** Shorter values are no secret, and would be found in every other word. */
const SHORTEST_SECRET = 6;

/** A function that blanks the given secrets wherever they stand in a text, whoever put them there. */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= SHORTEST_SECRET);
  return (text) =>
    known.reduce<string>((clean, secret) => clean.replaceAll(String(secret), '[redacted]'), text);
}
