import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { abortError, StageError } from '../../contract/stageError.ts';
import type { OperationArguments, OperationName, OperationResult } from './operations.ts';
import type { Answer, Question, WorkerSettings } from './protocol.ts';

export interface SqliteOptions {
  /** Made, with its folder, where it is absent. */
  readonly file: string;
  /** Milliseconds to wait for another process' write; 5,000 unless told. */
  readonly busyTimeoutMs?: number;
  /** MB of JavaScript heap in the worker; 128 unless told. The largest transcript accepted needs about 60. */
  readonly maxHeapMb?: number;
}

interface Call {
  readonly question: NonNullable<Question>;
  readonly signal: AbortSignal;
  readonly settle: PromiseWithResolvers<unknown>;
  readonly onAbort: () => void;
}

/** These look at much of the store, for tens of milliseconds; the others at a few rows. */
const SLOW: ReadonlySet<OperationName> = new Set(['searchPassages', 'queryVectors']);

/**
 * The file behind the embedded stores, served by a worker thread that starts with the first call and does not keep the
 * process alive. Calls run one after another, searches after all others: a transcript, or a video's vectors on their way in,
 * wait for one search at most, however many there are. An aborted call rejects at once: when it was still waiting it is never
 * begun, when it runs it is finished unseen (each write is one transaction, so nothing is left half done). A worker
 * that dies fails the call it was on with `StoreUnavailable`; the next call has a new one.
 */
export class SqliteDatabase {
  readonly #settings: WorkerSettings;
  readonly #maxHeapMb: number;
  readonly #waiting: Call[] = [];
  #running: Call | undefined;
  #worker: Worker | undefined;
  #users = 0;
  #closed: Promise<void> | undefined;

  constructor({ file, busyTimeoutMs = 5000, maxHeapMb = 128 }: SqliteOptions) {
    this.#settings = { file, busyTimeoutMs };
    this.#maxHeapMb = maxHeapMb;
  }

  /** Counts one more store on this file; the returned function counts it out, and closes the file with the last. */
  share(): () => Promise<void> {
    this.#users++;
    let released: Promise<void> | undefined;
    return () => {
      released ??= --this.#users === 0 ? this.close() : Promise.resolve();
      return released;
    };
  }

  run<N extends OperationName>(
    operation: N,
    args: OperationArguments<N>,
    signal: AbortSignal,
  ): Promise<OperationResult<N>> {
    const settle = Promise.withResolvers<unknown>();
    const call: Call = {
      question: { operation, args },
      signal,
      settle,
      onAbort: () => {
        const place = this.#waiting.indexOf(call);
        if (place >= 0) this.#waiting.splice(place, 1);
        settle.reject(abortError(signal));
      },
    };
    if (this.#closed)
      settle.reject(new StageError('InternalError', 'The store was used after it was closed.'));
    else if (signal.aborted) settle.reject(abortError(signal));
    else {
      signal.addEventListener('abort', call.onAbort, { once: true });
      this.#waiting.push(call);
      this.#next();
    }
    // oxlint-disable-next-line no-unsafe-type-assertion -- the worker answers with what this operation returns
    return settle.promise as Promise<OperationResult<N>>;
  }

  /** Finishes the call that runs, refuses those that wait, closes the file and ends the thread. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    for (const call of this.#waiting.splice(0))
      this.#finish(call, () =>
        call.settle.reject(new StageError('Interrupted', 'The store was closed before the call began.')),
      );
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(undefined satisfies Question);
    await ended;
  }

  #next(): void {
    if (this.#running) return;
    const call = this.#take();
    if (!call) {
      this.#worker?.unref();
      return;
    }
    this.#running = call;
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(call.question);
    } catch (error) {
      // The thread could not be started, or the arguments cannot be cloned.
      this.#answer({ error: { reason: 'InternalError', message: String(error), detail: String(error) } });
    }
  }

  #take(): Call | undefined {
    const quick = this.#waiting.findIndex(({ question }) => !SLOW.has(question.operation));
    return this.#waiting.splice(Math.max(quick, 0), 1)[0];
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#settings,
      env: workerEnvironment(),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#maxHeapMb, maxYoungGenerationSizeMb: 2 },
    });
    let cause: unknown;
    worker.on('message', (answer: Answer) => this.#answer(answer));
    worker.on('error', (error) => (cause = error));
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      if (!this.#running) return;
      const detail = cause instanceof Error ? cause.message : 'no reason given';
      const message = `The thread of the store ${this.#settings.file} ended early: ${detail}.`;
      this.#answer({ error: { reason: 'StoreUnavailable', message, detail } });
    });
    return worker;
  }

  #answer(answer: Answer): void {
    const call = this.#running;
    if (!call) return;
    this.#running = undefined;
    this.#finish(call, () => {
      if ('value' in answer) call.settle.resolve(answer.value);
      else {
        const { reason, message, detail } = answer.error;
        call.settle.reject(new StageError(reason, message, { cause: new Error(detail) }));
      }
    });
    this.#next();
  }

  #finish(call: Call, settle: () => void): void {
    call.signal.removeEventListener('abort', call.onAbort);
    settle();
  }
}

/**
 * Nothing of the process' environment is needed there, least of all its secrets. Where the process keeps a compile
 * cache the thread uses it too: without it, Node's TypeScript stripper takes 11 MB more in each thread.
 */
function workerEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
