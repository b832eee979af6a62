import type { Logger } from '../../../../common/log.ts';
import { oneLine } from '../../../../common/oneLine.ts';
import { abortError, StageError } from '../../../../jobrunner/contract/stageError.ts';
import type { Embedder } from '../../../../jobrunner/ports.ts';
import type { Workload } from './workload.ts';

export interface QueryVectorsOptions {
  readonly embedder: Embedder;
  readonly workload: Workload;
  readonly log: Logger;
}

export interface QueryOptions {
  /** Whether to wait for a model that is not in memory, or that is busy. */
  readonly wait: boolean;
  /** Of whoever asks: when they go, nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Vectors of the last queries: the page asks again with each letter, and everybody the same. Some 2 kB each. */
const KEPT = 200;
/** Queries under way at once; what comes beyond is answered from words. */
const MAX_UNDER_WAY = 16;
/** For an embedding service, or our own process beside an index stage; milliseconds. Then words alone decide. */
const PATIENCE_MS = 2000;
/** Beside a transcription the model answers between two pieces of it, which may be seconds off. */
const PATIENCE_BESIDE_TRANSCRIPTION_MS = 250;
/**
 * What must be free of the limit for the model to be loaded beside Whisper: it takes 36 MB (docs/decisions/0002), and
 * the transcription has not come to its peak everywhere.
 */
const HEADROOM_MB = 100;

/**
 * Vectors of queries, for searches that want an answer at once. A model that is not in memory is loaded for the next search
 * while this one goes by words, where memory allows. A computation goes on when whoever asked has gone: to abort one is to
 * end the process that holds the model.
 */
export class QueryVectors {
  readonly #options: QueryVectorsOptions;
  readonly #closing = new AbortController();
  /** The last used at the end. */
  readonly #kept = new Map<string, Float32Array>();
  readonly #underWay = new Map<string, Promise<Float32Array | undefined>>();

  constructor(options: QueryVectorsOptions) {
    this.#options = options;
  }

  /** Undefined: words alone decide. Throws StageError for what waiting does not heal, and when the signal is aborted. */
  async of(query: string, { wait, signal }: QueryOptions): Promise<Float32Array | undefined> {
    const kept = this.#kept.get(query);
    if (kept) {
      this.#keep(query, kept);
      return kept;
    }
    const isWarm = this.#options.embedder.isWarm();
    if (!isWarm && !this.#mayLoad(wait)) return undefined;
    const vector = this.#embed(query, wait);
    if (vector === undefined) return undefined;
    if (!isWarm && !wait) {
      // For the next: what goes wrong is told to whoever waits for it.
      vector.catch(() => undefined);
      return undefined;
    }
    return within(vector, wait ? undefined : this.#patienceMs, signal);
  }

  close(): void {
    this.#closing.abort();
  }

  /** Whether the local model may be loaded now. A service elsewhere is always warm. */
  #mayLoad(wait: boolean): boolean {
    const { workload } = this.#options;
    // Its process, beside the downloader and the decoder: they need the memory.
    if (workload.in('fetch')) return false;
    const transcribing = workload.in('transcribe');
    return !transcribing || wait || transcribing.limitMb - transcribing.memoryMb >= HEADROOM_MB;
  }

  get #patienceMs(): number {
    return this.#options.workload.in('transcribe') ? PATIENCE_BESIDE_TRANSCRIPTION_MS : PATIENCE_MS;
  }

  /** Undefined where too many are under way. */
  #embed(query: string, wait: boolean): Promise<Float32Array | undefined> | undefined {
    const same = this.#underWay.get(query);
    if (same) return same;
    if (this.#underWay.size >= MAX_UNDER_WAY && !wait) return undefined;
    const vector = this.#request(query).finally(() => this.#underWay.delete(query));
    this.#underWay.set(query, vector);
    return vector;
  }

  async #request(query: string): Promise<Float32Array | undefined> {
    const { embedder, log } = this.#options;
    const { signal } = this.#closing;
    try {
      const [vector] = await embedder.embed([query], { signal });
      if (vector) this.#keep(query, vector);
      return vector;
    } catch (error) {
      if (signal.aborted || !(error instanceof StageError) || !error.retryable) throw error;
      log.warn({ reason: error.reason }, `Searching by words alone: ${oneLine(error.message)}`);
      return undefined;
    }
  }

  #keep(query: string, vector: Float32Array): void {
    this.#kept.delete(query);
    this.#kept.set(query, vector);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}

/** The result, or undefined when it does not come in time. Throws what it throws, and when the signal is aborted. */
async function within<T>(
  result: Promise<T | undefined>,
  milliseconds: number | undefined,
  signal: AbortSignal,
): Promise<T | undefined> {
  const end = Promise.withResolvers<undefined>();
  const onAbort = (): void => end.reject(abortError(signal));
  const timer =
    milliseconds === undefined ? undefined : setTimeout(() => end.resolve(undefined), milliseconds);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([result, end.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // Whoever does not wait any more hears of no failure.
    result.catch(() => undefined);
  }
}
