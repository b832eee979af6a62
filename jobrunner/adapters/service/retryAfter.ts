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
  const date = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}

function positive(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : undefined;
}
