import type { Clock } from '../../../common/clock.ts';

export interface TokenBucketOptions {
  /** Requests per second in the long run; Infinity: no limit. */
  readonly qps: number;
  /** Requests that may go at once after a quiet time. */
  readonly burst: number;
  readonly clock: Clock;
}

/**
 * Spreads requests as client-go's rate limiter does. Each call takes a place in the line and answers with the
 * milliseconds until its turn; 0: go at once.
 */
export function tokenBucket({ qps, burst, clock }: TokenBucketOptions): () => number {
  let tokens = burst;
  let filledAt = clock.now().getTime();
  return () => {
    if (qps === Infinity) return 0;
    const now = clock.now().getTime();
    // A clock that was set back must not stop us.
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1000) * qps);
    filledAt = now;
    tokens -= 1;
    return tokens >= 0 ? 0 : (-tokens / qps) * 1000;
  };
}
