/** Milliseconds. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * client-go begins at 5 ms, sure to meet again what just failed; a conflict is over, and the cache caught up, well
 * within 200 ms. It ends at 1000 s, longer than anyone would wait after mending what was wrong.
 */
const LIMITS: BackoffLimits = { baseMs: 200, maxMs: 60_000 };

/**
 * Milliseconds to wait after so many failures in a row (from 1): doubled each time, between half of it and all, at
 * random.
 */
export function backoff(
  failures: number,
  random: () => number,
  { baseMs, maxMs }: BackoffLimits = LIMITS,
): number {
  return Math.min(maxMs, baseMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}
