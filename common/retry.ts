import { setTimeout as sleep } from 'node:timers/promises';

/** A timer set for longer would end at once (2³¹ − 1, Node's setTimeout). */
const LONGEST_TIMER_MS = 2_147_483_647;

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Whether, after this error of attempt number `attempt` (from 1), another may follow. */
  readonly shouldRetry: (error: unknown, attempt: number) => boolean;
  /** Milliseconds the other side asked us to wait at least. */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** First wait in milliseconds; doubled each time. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** 0 ≤ n < 1: spreads the waits, so that many clients do not come back at once. */
  readonly random: () => number;
  readonly onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
}

/**
 * Runs `work` until it succeeds or may not be retried, waiting longer each time (exponential, full jitter above
 * one half). The error of the last attempt is thrown as it is; while waiting, an abort throws the last error too,
 * since it says more than the abort does.
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (options.signal.aborted || !options.shouldRetry(error, attempt)) throw error;
      const backoff = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
      // What is asked for is a least: "at once", or a date that is past by our clock, would have us hammer.
      const asked = options.retryAfterMs?.(error) ?? 0;
      const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(asked, backoff * (0.5 + options.random() / 2)));
      options.onRetry?.(error, attempt, waitMs);
      try {
        await sleep(waitMs, undefined, { signal: options.signal });
      } catch {
        throw error;
      }
    }
  }
}
