import type { Logger } from '../../../common/log.ts';
import type { Change } from './resourceStore.ts';

/** Tells of changes that are on the disk: listeners of each, in order, and those who wait that there is one. */
export class ChangeFeed {
  readonly #log: Logger;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #waiting = new Set<() => void>();
  /** What is still to be told: a listener that writes is told of it after all heard of the change before. */
  readonly #untold: Change[] = [];
  #telling = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  publish(changes: readonly Change[]): void {
    for (const wake of [...this.#waiting]) wake();
    this.#untold.push(...changes);
    if (this.#telling) return;
    this.#telling = true;
    for (let change = this.#untold.shift(); change; change = this.#untold.shift())
      for (const listener of this.#listeners) this.#tell(listener, change);
    this.#telling = false;
  }

  /** Resolves with the next change, after the time or with the signal, whichever is first. */
  next(timeoutMs: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
      if (signal.aborted) done();
    });
  }

  clear(): void {
    this.#listeners.clear();
  }

  /** What a listener throws is no failure of the write, which is done. */
  #tell(listener: (change: Change) => void, change: Change): void {
    try {
      listener(change);
    } catch (error) {
      this.#log.error({ err: error }, 'A listener of the resource store failed');
    }
  }
}
