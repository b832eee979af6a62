import { isRetryable } from './exitCodes.ts';
import type { Reason } from './reasons.ts';

export interface StageErrorOptions {
  readonly cause?: unknown;
  /** Seconds the other side asked us to wait (Retry-After). */
  readonly retryAfterSeconds?: number;
  /** No grace for children when this error is an abort reason: see common/childProcess.ts. */
  readonly killsAtOnce?: true;
}

/** The one error of the stages: a reason from the list and a message that a user can act on. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly reason: Reason;
  readonly retryAfterSeconds: number | undefined;
  readonly killsAtOnce: boolean;

  constructor(reason: Reason, message: string, options: StageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.killsAtOnce = options.killsAtOnce ?? false;
  }

  get retryable(): boolean {
    return isRetryable(this.reason);
  }
}

/** What an abort means: its own StageError where it carries one, otherwise an interruption from outside. */
export function abortError(signal: AbortSignal): StageError {
  const reason: unknown = signal.reason;
  if (reason instanceof StageError) return reason;
  return new StageError('Interrupted', 'Stopped before it was finished.', { cause: reason });
}

/** Throws {@link abortError} when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}
