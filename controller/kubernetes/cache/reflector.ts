import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { ApiError, type KubeApi, type KubeObject, type KubeQuery } from '../api/kubeApi.ts';
import { levelOf } from '../api/levelOf.ts';
import { pause } from '../api/pause.ts';
import { isExpired, listAll } from './listAll.ts';
import { memoryStore, type Indexes } from './memoryStore.ts';
import { replicaIn } from './replica.ts';
import { isOlder } from './resourceVersion.ts';
import type { OnChange, Reflector } from './store.ts';
import { SilentWatch, watchUntilSilent } from './watchUntilSilent.ts';
import { withoutManagedFields } from './withoutManagedFields.ts';

/**
 * Why a watch or list was begun again: the connection broke (`cut`), the revision was forgotten (`expired`), nothing
 * was heard (`silent`), the apiserver said no (`error`), or ended it in time (`ended`).
 */
export type ReconnectCause = 'cut' | 'expired' | 'silent' | 'error' | 'ended';

/** For metrics; told synchronously. */
export interface ReflectorObserver {
  relisted?(): void;
  reconnected?(cause: ReconnectCause): void;
  /** Of a watch, bookmarks not counted. */
  event?(): void;
}

/** Milliseconds throughout. */
export interface ReflectorTimings {
  /** The watch is given up when nothing came for so long. Above the 60 s between an apiserver's bookmarks. */
  readonly silenceMs: number;
  /** After how long the apiserver is to end a watch; up to twice this, at random, so that not all end at once. */
  readonly watchMs: number;
  /** First wait after a failure; doubled each time. */
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Wait after the apiserver said that we may not look: only an administrator changes that. */
  readonly forbiddenMs: number;
}

/**
 * A silent watch is seen after 75 s and begun anew within the next 15 s, two tries included. Waits end at 2 s, so
 * that a cut is mended within 5 s of the apiserver's return; a controller has a handful of reflectors, no crowd.
 * Watches of 5 to 10 minutes as in client-go.
 */
const TIMINGS: ReflectorTimings = {
  silenceMs: 75_000,
  watchMs: 300_000,
  firstBackoffMs: 250,
  maxBackoffMs: 2000,
  forbiddenMs: 30_000,
};

/** A watch that ends sooner without having brought anything is a failure, or we would ask without pause. */
const SHORTEST_WATCH_MS = 1000;

export interface ReflectorOptions<T extends KubeObject> {
  readonly api: Pick<KubeApi, 'list' | 'watch'>;
  /** Of the list, such as `/apis/batch/v1/jobs`. */
  readonly path: string;
  /** Selectors. */
  readonly query?: KubeQuery;
  readonly indexes: Indexes<T>;
  /** Makes an object small before it is kept; its managedFields are gone already. Must not throw. */
  readonly strip: (object: T) => T;
  /** Called synchronously: it should do no more than note a key. */
  readonly onChange: OnChange<T>;
  readonly log: Logger;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** One of several that go on without it: a refusal is an answer, and no reason to wait or to be unwell. */
  readonly mayBeForbidden?: boolean;
  readonly timings?: Partial<ReflectorTimings>;
  readonly observer?: ReflectorObserver;
}

/**
 * Lists, then watches, for as long as the signal lets it, whatever happens to the connection; see {@link Reflector}.
 * `synced` rejects with the signal's reason when it is aborted before the first list is there.
 */
export function startReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { api, path, query = {}, log, clock, random, signal, observer } = options;
  const timings = { ...TIMINGS, ...options.timings };
  const store = memoryStore(options.indexes);
  const replica = replicaIn({ store, onChange: options.onChange, log });
  const strip = (object: T): T => options.strip(withoutManagedFields(object));
  const synced = Promise.withResolvers<void>();
  // Nobody need wait for it.
  synced.promise.catch(() => undefined);
  let heardAt: Date | undefined;
  /** From which to watch on; undefined: list first. */
  let version: string | undefined;
  /** In a row, without a word from the apiserver in between. */
  let failures = 0;
  let lastCause: ReconnectCause | undefined;
  let forbidden = false;

  const heard = (): void => {
    heardAt = clock.now();
    failures = 0;
    lastCause = undefined;
  };

  async function relist(): Promise<void> {
    const { objects, resourceVersion } = await listAll({
      ...{ api, path, query, strip, signal },
      onPage: () => (heardAt = clock.now()),
    });
    forbidden = false;
    replica.replaceAll(objects);
    version = resourceVersion;
    observer?.relisted?.();
    synced.resolve();
  }

  async function watch(from: string): Promise<void> {
    const begun = performance.now();
    let events = 0;
    await watchUntilSilent<T>({
      ...{ api, path, signal, silenceMs: timings.silenceMs },
      query: {
        ...query,
        resourceVersion: from,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.ceil((timings.watchMs / 1000) * (1 + random())),
      },
      onEvent(event) {
        heard();
        events++;
        const { resourceVersion } = event.object.metadata;
        if (!isOlder(resourceVersion, version)) version = resourceVersion;
        if (event.type === 'BOOKMARK') return;
        observer?.event?.();
        if (event.type === 'DELETED') replica.remove(event.object);
        else replica.put(strip(event.object));
      },
    });
    if (events === 0 && performance.now() - begun < SHORTEST_WATCH_MS)
      throw new ApiError({ status: 0, reason: 'Ended', message: 'the watch ended as soon as it began' });
  }

  /** Milliseconds to wait before the next try. */
  function afterFailure(error: unknown): number {
    const cause = causeOf(error);
    observer?.reconnected?.(cause);
    if (cause === 'expired') version = undefined;
    // An apiserver that has forgotten a revision is there: list at once, unless that is all it says. A silent
    // connection was fine until then.
    const immediate =
      (cause === 'expired' && lastCause !== 'expired') || (cause === 'silent' && failures === 0);
    lastCause = cause;
    failures++;
    forbidden = error instanceof ApiError && error.status === 403;
    if (forbidden && options.mayBeForbidden) {
      heardAt = clock.now();
      synced.resolve();
    }
    const longest = forbidden ? timings.forbiddenMs : timings.maxBackoffMs;
    const backoff = Math.min(longest, timings.firstBackoffMs * 2 ** Math.min(failures - 1, 16));
    const waitMs = immediate ? 0 : backoff * (0.5 + random() / 2);
    log[levelOf(failures)](
      { path, cause, failures, waitMs: Math.round(waitMs) },
      `Watching ${path} broke: ${wordsOf(error)}`,
    );
    return waitMs;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (version === undefined) await relist();
        if (version !== undefined) await watch(version);
        failures = 0;
        observer?.reconnected?.('ended');
      } catch (error) {
        if (signal.aborted) break;
        const waitMs = afterFailure(error);
        await pause(waitMs, signal).catch(() => undefined);
      }
    }
    synced.reject(signal.reason);
  }

  return {
    store,
    synced: synced.promise,
    forbidden: () => forbidden,
    heardAt: () => heardAt,
    ended: run(),
  };
}

function causeOf(error: unknown): ReconnectCause {
  if (error instanceof SilentWatch) return 'silent';
  if (!(error instanceof ApiError)) return 'error';
  if (isExpired(error)) return 'expired';
  return error.status === 0 ? 'cut' : 'error';
}

function wordsOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}
