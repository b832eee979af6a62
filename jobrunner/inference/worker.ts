import { join } from 'node:path';
import { childEnvironment } from '../../common/childEnvironment.ts';
import { describeExit, startChild, type Child, type ChildExit } from '../../common/childProcess.ts';
import { isReason, type Reason } from '../contract/reasons.ts';
import { StageError } from '../contract/stageError.ts';
import { parseReply, type Operation, type WorkerFault } from './protocol.ts';

export interface WorkerOptions {
  /** The interpreter of the virtual environment. */
  readonly python: string;
  readonly whisperFolder: string;
  readonly embedderFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** See ChildOptions; 0 unless told. */
  readonly niceness?: number;
}

/**
 * glibc keeps one heap per thread and frees none of them; one heap is enough for a process that computes one thing at a
 * time, and saves about 100 MB (docs/decisions/0002).
 */
const MALLOC = { MALLOC_ARENA_MAX: '1' };

/**
 * oneDNN, which multiplies CTranslate2's matrices, keeps a compiled kernel for each of the last 1,024 shapes it met, and
 * decoding meets a new one with every length: 23 MB after ten minutes of speech. Sixteen cost no time that could be
 * measured (docs/decisions/0002).
 */
const ONEDNN = { ONEDNN_PRIMITIVE_CACHE_CAPACITY: '16' };

/** One running inference process: requests are answered in their order. */
export class Worker {
  readonly #child: Child;
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];
  #exit: ChildExit | undefined;
  #nextId = 1;

  constructor({ python, whisperFolder, embedderFolder, env, niceness = 0 }: WorkerOptions) {
    const script = join(import.meta.dirname, 'worker.py');
    this.#child = startChild({
      command: python,
      args: [script, '--whisper', whisperFolder, '--embedder', embedderFolder],
      env: childEnvironment(env, { ...MALLOC, ...ONEDNN, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' }),
      openStdin: true,
      niceness,
      onStdoutLine: (line) => this.#receive(line),
    });
    void this.#followExit();
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** Sends one request and waits for its answer. Throws StageError; a worker that has died fails all it was asked. */
  request(operation: Operation, payload?: Buffer): Promise<unknown> {
    if (this.#exit) return Promise.reject(died(this.#exit));
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push(answer);
    const head = { id: this.#nextId++, ...operation, ...(payload && { bytes: payload.length }) };
    this.#child.stdin?.write(`${JSON.stringify(head)}\n`);
    if (payload) this.#child.stdin?.write(payload);
    return answer.promise;
  }

  /** Ends the process, at once when it computes; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#child.stop();
  }

  async #followExit(): Promise<void> {
    const exit = await this.#child.exited;
    this.#exit = exit;
    for (const { reject } of this.#waiting.splice(0)) reject(died(exit));
  }

  #receive(line: string): void {
    const reply = parseReply(line);
    const answer = reply && this.#waiting.shift();
    if (!answer) return;
    if ('ok' in reply) answer.resolve(reply.ok);
    else answer.reject(faultError(reply.error));
  }
}

function faultError({ code, message }: WorkerFault): StageError {
  const reason: Reason = isReason(code) ? code : 'TranscriptionFailed';
  return new StageError(reason, message);
}

function died(exit: ChildExit): StageError {
  return new StageError('TranscriptionFailed', `The inference process ended early: it ${describeExit(exit)}`);
}
