import type { Logger } from '../../../common/log.ts';
import { oneLine } from '../../../common/oneLine.ts';
import type { WorkQueue } from './workQueue.ts';

/** What a piece of work ends with. */
export interface WorkResult {
  /** Milliseconds until the key is to be looked at again; undefined: when something happens to it. */
  readonly againAfterMs?: number;
}

export interface WorkersOptions {
  readonly queue: WorkQueue;
  /** Keys worked on at once. */
  readonly concurrency: number;
  /** A throw means: again, after a wait that grows. */
  readonly work: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  /**
   * Milliseconds that a failure asks to wait, where it does (Retry-After); instead of the growing wait, if longer.
   */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  readonly log: Logger;
  /** Aborted: nothing more is begun. */
  readonly signal: AbortSignal;
  /** For work under way, once nothing more is begun, milliseconds; then its own signal is aborted. */
  readonly graceMs: number;
}

/** Works until its signal is aborted, and resolves when all that was under way has ended. */
export async function runWorkers(options: WorkersOptions): Promise<void> {
  const { concurrency, signal, graceMs } = options;
  const patience = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const beginGrace = (): void => {
    timer = setTimeout(
      () => patience.abort(new Error(`stopped: not finished within ${graceMs / 1000} s`)),
      graceMs,
    );
  };
  if (signal.aborted) return;
  signal.addEventListener('abort', beginGrace, { once: true });
  try {
    await Promise.all(Array.from({ length: concurrency }, () => workOn(options, patience.signal)));
  } finally {
    signal.removeEventListener('abort', beginGrace);
    clearTimeout(timer);
  }
}

async function workOn(options: WorkersOptions, workSignal: AbortSignal): Promise<void> {
  const { queue, signal } = options;
  for (;;) {
    let key: string;
    try {
      key = await queue.next(signal);
    } catch {
      // The only reason for it is that we were asked to stop.
      return;
    }
    try {
      await workOnOne(options, key, workSignal);
    } finally {
      queue.done(key);
    }
  }
}

async function workOnOne(
  { queue, work, retryAfterMs, log }: WorkersOptions,
  key: string,
  workSignal: AbortSignal,
): Promise<void> {
  try {
    const { againAfterMs } = await work(key, workSignal);
    queue.forget(key);
    if (againAfterMs !== undefined) queue.addAfter(key, againAfterMs);
  } catch (error) {
    if (workSignal.aborted) {
      log.info({ key }, `Work on ${key} was stopped before it was finished.`);
      return;
    }
    const asked = retryAfterMs?.(error) ?? 0;
    queue.addRateLimited(key, asked);
    log.warn({ key, failures: queue.failures(key) }, `Work on ${key} failed: ${wordsOf(error)}`);
  }
}

function wordsOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 1000);
}
