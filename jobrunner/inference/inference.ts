import { abortError, throwIfAborted } from '../contract/stageError.ts';
import type { Operation } from './protocol.ts';
import { Worker, type WorkerOptions } from './worker.ts';

export interface InferenceOptions extends WorkerOptions {
  /** Milliseconds after the last use at which the process ends and its memory returns to the system. */
  readonly idleMs: number;
}

/**
 * The local models, held by one worker process that starts with the first request and ends when it is idle. Requests of
 * several callers take turns, so a query is embedded between two pieces of a transcription.
 */
export class Inference {
  readonly #options: InferenceOptions;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #busy = 0;
  #embeds = false;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#worker?.alive === true;
  }

  /** Whether the embedding model is in memory. */
  get embedsAtOnce(): boolean {
    return this.#embeds && this.running;
  }

  /**
   * One request. Throws StageError. When it is aborted while the worker computes, the worker is ended: nothing else
   * stops a computation, and the next request starts another.
   */
  async request(operation: Operation, signal: AbortSignal, payload?: Buffer): Promise<unknown> {
    throwIfAborted(signal);
    const worker = this.#start();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      this.#forget(worker);
      void worker.stop();
      aborted.reject(abortError(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#busy++;
    try {
      const answer = await Promise.race([worker.request(operation, payload), aborted.promise]);
      if (operation.op === 'embed') this.#embeds = true;
      return answer;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#busy--;
      this.#endWhenIdle();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    if (!worker) return;
    this.#forget(worker);
    await worker.stop();
  }

  #start(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker?.alive) return this.#worker;
    this.#embeds = false;
    this.#worker = new Worker(this.#options);
    return this.#worker;
  }

  #forget(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#embeds = false;
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#busy > 0) return;
    this.#idle = setTimeout(() => void this.close(), this.#options.idleMs);
    this.#idle.unref();
  }
}
