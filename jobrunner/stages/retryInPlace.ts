import type { Logger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { retry } from '../../common/retry.ts';
import type { Reason } from '../contract/reasons.ts';
import { StageError, throwIfAborted } from '../contract/stageError.ts';

export interface RetryInPlaceOptions {
  /** Carries the deadline: until then it is tried again. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  /** Milliseconds before the second attempt, doubled up to half a minute; 1,000 unless told. */
  readonly baseMs?: number;
}

/** What a service recovers from by itself. */
const PASSING: ReadonlySet<Reason> = new Set([
  'EmbeddingRateLimited',
  'EmbeddingUnavailable',
  'StoreUnavailable',
]);

/** Whether this is the trouble of a service, which is waited out in place and which no abort of ours brings about. */
export function isServiceTrouble(error: unknown): error is StageError {
  return error instanceof StageError && PASSING.has(error.reason);
}

/**
 * Repeats `work` while a service limits us or is down, for as long as the deadline allows: a transcript is too dear to
 * be lost to an outage, and in a Job it dies with the pod. What is still failing then is thrown as it is, retryable.
 */
export function retryInPlace<T>(work: () => Promise<T>, options: RetryInPlaceOptions): Promise<T> {
  const { signal, log, random, baseMs = 1000 } = options;
  let trouble: unknown;
  return retry(
    async () => {
      try {
        throwIfAborted(signal);
        return await work();
      } catch (error) {
        // The deadline ended this attempt; what made the ones before it fail says more.
        throw signal.aborted && trouble !== undefined ? trouble : error;
      }
    },
    {
      signal,
      random,
      baseMs,
      maxMs: 30_000,
      shouldRetry: isServiceTrouble,
      retryAfterMs: (error) =>
        error instanceof StageError && error.retryAfterSeconds !== undefined
          ? error.retryAfterSeconds * 1000
          : undefined,
      onRetry: (error, attempt, waitMs) => {
        trouble = error;
        log.warn(
          {
            attempt,
            waitMs: Math.round(waitMs),
            ...(error instanceof StageError && { reason: error.reason }),
          },
          `Waiting ${Math.ceil(waitMs / 1000)} s before trying again: ${oneLine(String(error))}`,
        );
      },
    },
  );
}
