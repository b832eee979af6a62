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
  #transcribes = false;

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
   * stops a computation, and the next request starts another. Only a query beside somebody's transcription is let
   * finish, unheard.
   */
  async request(operation: Operation, signal: AbortSignal, payload?: Buffer): Promise<unknown> {
    throwIfAborted(signal);
    const worker = this.#start();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      if (operation.op !== 'embed' || !(this.#transcribes || this.#busy > 1)) {
        this.#forget(worker);
        void worker.stop();
      }
      aborted.reject(abortError(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#busy++;
    try {
      const answer = await Promise.race([worker.request(operation, payload), aborted.promise]);
      if (this.#worker === worker) this.#note(operation);
      return answer;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#busy--;
      // Whatever came of it, the worker has closed the session.
      if (operation.op === 'transcribe.finish' || operation.op === 'transcribe.abort')
        this.#transcribes = false;
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
    this.#embeds = this.#transcribes = false;
    this.#worker = new Worker(this.#options);
    return this.#worker;
  }

  /** What an answered request says of the worker's state. */
  #note({ op }: Operation): void {
    if (op === 'embed') this.#embeds = true;
    else if (op === 'unload') this.#embeds = false;
    else if (op === 'transcribe.start') this.#transcribes = true;
  }

  #forget(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#embeds = this.#transcribes = false;
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#busy > 0) return;
    this.#idle = setTimeout(() => void this.close(), this.#options.idleMs);
    this.#idle.unref();
  }
}
