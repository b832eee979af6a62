import {
  ApiError,
  type KubeApi,
  type KubeObject,
  type WatchEvent,
} from '../../../controller/kubernetes/api/kubeApi.ts';
import { pause } from '../../../controller/kubernetes/api/pause.ts';
import { apiError, type FakeCluster } from '../../unit/kubernetes/fakeCluster.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';

/** An apiserver's pause between two bookmarks; milliseconds. */
const BOOKMARK_MS = 60_000;
/** A request that is under way longer than this arrives nowhere: less than an old leader's last moment; milliseconds. */
const LONGEST_WAY_MS = 3000;

/** How often what goes wrong; 0 to 1, of calls or of events. */
export interface Weather {
  readonly fails: number;
  readonly late: number;
  readonly watch: number;
}

export const CALM: Weather = { fails: 0, late: 0, watch: 0 };

export interface LineOptions {
  readonly name: string;
  readonly cluster: FakeCluster;
  readonly random: Random;
  readonly history: History;
  /** The process ends between two of its calls, or in one. */
  readonly onDeath: () => void;
}

/** One process's way to the apiserver, and all that goes wrong on it. */
export class Line {
  readonly #options: LineOptions;
  weather: Weather = CALM;
  /** Nothing arrives until then; by `Date`. */
  cutUntil = 0;
  #dead = false;
  #dies: { calls: number; readonly when: 'before' | 'after' } | undefined;
  readonly #watches = new Map<symbol, (fault: WatchFault) => void>();

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** From now on the process does nothing any more. */
  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#options.onDeath();
  }

  dieAt(calls: number, when: 'before' | 'after'): void {
    this.#dies = { calls, when };
  }

  /** What runs of watches meets this. */
  disturbWatches(fault: WatchFault): void {
    for (const disturb of [...this.#watches.values()]) disturb(fault);
  }

  get api(): KubeApi {
    const { cluster } = this.#options;
    const base = cluster.client();
    const call = async <T>(
      what: string,
      path: string,
      signal: AbortSignal,
      run: () => Promise<T>,
    ): Promise<T> => this.#through(`${what} ${path}`, signal, run);
    return {
      get: (path, signal) => call('get', path, signal, () => base.get(path, signal)),
      list: (path, query, signal) => call('list', path, signal, () => base.list(path, query, signal)),
      create: (path, body, signal) => call('create', path, signal, () => base.create(path, body, signal)),
      apply: (path, body, options, signal) =>
        call('apply', path, signal, () => base.apply(path, body, options, signal)),
      mergePatch: (path, body, signal) =>
        call('patch', path, signal, () => base.mergePatch(path, body, signal)),
      replace: <T>(path: string, body: object, signal: AbortSignal) =>
        call('replace', path, signal, async () => structuredClone(replace(cluster, path, body)) as T),
      delete: (path, options, signal) =>
        call('delete', path, signal, () => base.delete(path, options, signal)),
      watch: <T>(path: string, query: object, signal: AbortSignal) => this.#watch<T>(path, query, signal),
    };
  }

  async #through<T>(what: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const { random, history, name } = this.#options;
    const isWrite = !/^(get|list) /.test(what);
    if (this.#dead) return buried(signal);
    signal.throwIfAborted();
    if (this.#dies && !what.includes('/leases') && --this.#dies.calls <= 0) {
      const { when } = this.#dies;
      this.#dies = undefined;
      history.note(`${name} dies ${when} ${what}`);
      this.die();
      if (when === 'after') await run().catch(() => undefined);
      return buried(signal);
    }
    const { fails, late } = this.weather;
    await pause(random.chance(late) ? random.whole(100, LONGEST_WAY_MS) : random.whole(1, 20), signal);
    if (this.#dead) return buried(signal);
    if (this.cutUntil > Date.now()) {
      await pause(random.whole(10, 2000), signal);
      throw unreached();
    }
    const fault = random.chance(fails) ? this.#faultOf(what) : undefined;
    if (fault && fault.kind !== 'lost') {
      history.note(`${name} ${what}: ${fault.kind} ${fault.error.status}`);
      throw fault.error;
    }
    let outcome: T;
    try {
      outcome = await run();
    } catch (error) {
      if (isWrite && error instanceof ApiError)
        history.note(`${name} ${what}: refused ${error.status} ${error.reason}`);
      throw error;
    }
    if (isWrite && !what.includes('/leases'))
      history.note(`${name} ${what}${fault ? ', its answer lost' : ''}`);
    const wayBack = random.chance(late) ? random.whole(100, 20_000) : random.whole(1, 20);
    await pause(wayBack, signal);
    if (this.#dead) return buried(signal);
    if (fault) throw fault.error;
    return outcome;
  }

  #faultOf(what: string): { readonly kind: string; readonly error: ApiError } {
    const { random } = this.#options;
    const kind = random.weighted({
      unreached: 3,
      lost: 3,
      '429': 1,
      '500': 1,
      '503': 1,
      '409': 1,
      '410': 0.3,
    });
    if (kind === 'unreached' || kind === 'lost') return { kind, error: unreached() };
    if (kind === '429') {
      const retryAfterSeconds = random.whole(1, 5);
      return {
        kind,
        error: new ApiError({
          status: 429,
          reason: 'TooManyRequests',
          message: 'slow down',
          retryAfterSeconds,
        }),
      };
    }
    if (kind === '409' && /^(apply|patch|replace) /.test(what))
      return { kind, error: apiError(409, 'Conflict') };
    if (kind === '410' && what.startsWith('list ')) return { kind, error: apiError(410, 'Expired') };
    return kind === '500'
      ? { kind, error: apiError(500, 'InternalError') }
      : { kind: '503', error: apiError(503, 'ServiceUnavailable') };
  }

  async *#watch<T>(path: string, query: object, signal: AbortSignal): AsyncIterable<WatchEvent<T>> {
    const { cluster, random } = this.#options;
    const fault = random.chance(this.weather.watch) ? random.pick(AT_ONCE) : undefined;
    if (this.#dead) await buried(signal);
    await pause(random.whole(1, 20), signal);
    if (this.cutUntil > Date.now()) throw unreached();
    if (fault === 'gone') throw apiError(410, 'Expired');
    if (fault === 'refused') throw apiError(500, 'InternalError');
    const ends = new AbortController();
    const brought = cluster.client().watch<T>(path, query as never, AbortSignal.any([signal, ends.signal]));
    const events = brought[Symbol.asyncIterator]();
    const id = Symbol(path);
    let disturbed = Promise.withResolvers<WatchFault>();
    this.#watches.set(id, (kind) => disturbed.resolve(kind));
    const seconds = 'timeoutSeconds' in query ? Number(query.timeoutSeconds) : 300;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<'over'>(
      (resolve) => (timer = setTimeout(() => resolve('over'), seconds * 1000)),
    );
    let version = 'resourceVersion' in query ? String(query.resourceVersion) : '0';
    let coming = events.next();
    coming.catch(() => undefined);
    const aborted = new Promise<'aborted'>((resolve) =>
      signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
    );
    try {
      for (;;) {
        let bookmark: NodeJS.Timeout | undefined;
        const quiet = new Promise<'quiet'>(
          (resolve) => (bookmark = setTimeout(() => resolve('quiet'), BOOKMARK_MS)),
        );
        const what = await Promise.race([aborted, disturbed.promise, over, coming, quiet]);
        clearTimeout(bookmark);
        signal.throwIfAborted();
        if (this.#dead) await buried(signal);
        if (what === 'over') return;
        if (what === 'quiet') {
          yield { type: 'BOOKMARK', object: { metadata: { resourceVersion: version } } };
          continue;
        }
        if (what === 'aborted') return;
        if (typeof what === 'string') {
          disturbed = Promise.withResolvers();
          if (what === 'cut') throw unreached();
          if (what === 'silent') await buried(signal);
          yield {
            type: 'ERROR',
            object: { code: 410, reason: 'Expired', message: 'too old resource version' },
          };
          continue;
        }
        if (what.done) return;
        coming = events.next();
        coming.catch(() => undefined);
        if (random.chance(this.weather.watch)) await pause(random.whole(10, 8000), signal);
        const event = what.value;
        version = (event.object as unknown as KubeObject).metadata.resourceVersion ?? version;
        yield event;
        if (random.chance(this.weather.watch)) yield structuredClone(event);
      }
    } finally {
      this.#watches.delete(id);
      clearTimeout(timer);
      ends.abort();
    }
  }
}

export type WatchFault = 'cut' | 'silent' | 'expired';

const AT_ONCE = ['gone', 'refused'] as const;

function unreached(): ApiError {
  return new ApiError({ status: 0, reason: 'Unreachable', message: 'the connection broke' });
}

async function buried(signal: AbortSignal): Promise<never> {
  return new Promise<never>((_resolve, reject) => {
    const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** A PUT, as leases are written. */
function replace(cluster: FakeCluster, path: string, body: object): object {
  const { metadata, spec } = body as KubeObject & { readonly spec?: Record<string, unknown> };
  const present = cluster.get(path);
  if (!present) throw apiError(404, 'NotFound');
  if (metadata.resourceVersion !== present.metadata.resourceVersion) throw apiError(409, 'Conflict');
  return cluster.change(path, (old) => ({ ...old, ...(spec && { spec }) }));
}
