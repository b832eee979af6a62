/** The time for something is over. */
export class TimeLimit extends Error {
  override readonly name = 'TimeLimit';
  readonly ms: number;

  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`);
    this.ms = ms;
  }
}

/**
 * Does `work` with a signal that is aborted when this one is, or with TimeLimit after so many milliseconds; rejects
 * with the reason then, even if the work takes no notice.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new TimeLimit(ms)), ms);
  const stop = (): void => limit.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      limit.signal.addEventListener('abort', () => reject(reasonOf(limit.signal)), { once: true });
    });
    return await Promise.race([work(limit.signal), aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
