/** Every form of an HTTP date begins with the day of the week; Date.parse by itself takes "-5" and "soon 5" for dates. */
const HTTP_DATE = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Seconds that an answer's headers ask to wait: `retry-after-ms` (OpenAI), else `Retry-After` in seconds or as a date
 * (RFC 9110, 10.2.3). Undefined where there is none, or none that makes sense.
 */
export function retryAfterSeconds(headers: Headers, now: Date): number | undefined {
  const milliseconds = positive(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds / 1000;
  const text = headers.get('retry-after');
  const seconds = positive(text);
  if (seconds !== undefined) return seconds;
  const date = text !== null && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}

function positive(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : undefined;
}
