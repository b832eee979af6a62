import { isObject, type JsonObject } from '../../../common/json.ts';
import { ApiError, type KubeApi, type KubeList, type WatchEvent } from './kubeApi.ts';
import { readAnswer, type RawAnswer } from './readAnswer.ts';
import { brokenExchange, nameOf, NotSent, type Call } from './send.ts';
import { watchEvents } from './watchEvents.ts';
import { TimeLimit, within } from './within.ts';

export interface KubeClientOptions {
  readonly exchange: (call: Call) => Promise<RawAnswer>;
  /** For one request and its whole answer, milliseconds. */
  readonly timeoutMs: number;
  /** Longest answer taken, bytes. */
  readonly maxBytes: number;
}

/**
 * Longest event of a watch, characters: etcd takes objects up to 1.5 MiB (its --max-request-bytes), which grow when
 * protobuf becomes JSON.
 */
const MAX_EVENT = 8 * 1024 * 1024;

/**
 * Longest wait for a watch to begin. The apiserver answers at once, or within 3 s when it is behind; a short limit
 * leaves time for another try before a change must have been seen.
 */
const WATCH_HEAD_MS = 10_000;

/**
 * The calls of {@link KubeApi}. An abort by the caller's signal is thrown as the signal's reason, not as ApiError.
 */
export function kubeClient({ exchange, timeoutMs, maxBytes }: KubeClientOptions): KubeApi {
  async function call<T>(request: Call): Promise<T> {
    try {
      return await within(timeoutMs, request.signal, async (signal) => {
        const answer = await exchange({ ...request, signal });
        return trusted<T>(await readAnswer(answer, nameOf(request), maxBytes));
      });
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof NotSent) throw error;
      throw error instanceof TimeLimit ? timeout(error, request) : brokenExchange(error, request);
    }
  }

  return {
    async get<T>(path: string, signal: AbortSignal): Promise<T | undefined> {
      return whereThereIsOne(call<T>({ method: 'GET', path, signal }), [404]);
    },

    async list<T>(path: string, query: Call['query'] & object, signal: AbortSignal) {
      const request = { method: 'GET', path, query, signal } as const;
      const answer = await call<JsonObject>(request);
      const { items, metadata } = answer;
      if (!Array.isArray(items) || !isObject(metadata) || typeof metadata['resourceVersion'] !== 'string')
        throw new ApiError({
          status: 0,
          reason: 'MalformedAnswer',
          message: `${nameOf(request)}: an answer that is no list`,
        });
      return trusted<KubeList<T>>(answer);
    },

    create: async (path, json, signal) =>
      call({ method: 'POST', path, body: { json, type: JSON_TYPE }, signal }),

    apply: async (path, json, { fieldManager, force }, signal) =>
      call({
        method: 'PATCH',
        path,
        query: { fieldManager, force },
        body: { json, type: 'application/apply-patch+yaml' },
        signal,
      }),

    mergePatch: async (path, json, signal) =>
      call({ method: 'PATCH', path, body: { json, type: 'application/merge-patch+json' }, signal }),

    replace: async (path, json, signal) =>
      call({ method: 'PUT', path, body: { json, type: JSON_TYPE }, signal }),

    async delete(path, { uid, propagationPolicy }, signal) {
      const json = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy,
        ...(uid !== undefined && { preconditions: { uid } }),
      };
      const deletion = call({ method: 'DELETE', path, body: { json, type: JSON_TYPE }, signal });
      await whereThereIsOne(deletion, uid === undefined ? [404] : [404, 409]);
    },

    async *watch<T>(path: string, query: Call['query'] & object, signal: AbortSignal) {
      const request = { method: 'GET', path, query: { ...query, watch: true }, signal } as const;
      const stop = new AbortController();
      const ends = (): void => stop.abort(signal.reason);
      signal.addEventListener('abort', ends, { once: true });
      try {
        const answer = await within(WATCH_HEAD_MS, signal, async (begins) => {
          begins.addEventListener('abort', () => stop.abort(begins.reason), { once: true });
          return exchange({ ...request, signal: stop.signal });
        });
        // Reads and throws what it says.
        if (answer.status !== 200) await readAnswer(answer, nameOf(request), maxBytes);
        for await (const event of watchEvents(answer.body, nameOf(request), MAX_EVENT))
          yield trusted<WatchEvent<T>>(event);
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof TimeLimit ? timeout(error, request) : brokenExchange(error, request);
      } finally {
        signal.removeEventListener('abort', ends);
      }
    },
  };
}

function timeout(error: TimeLimit, request: Call): ApiError {
  const message = `${nameOf(request)}: no whole answer within ${error.ms / 1000} s`;
  return new ApiError({ status: 0, reason: 'Timeout', message }, error);
}

const JSON_TYPE = 'application/json';

/** The one place where an apiserver's answer gets its type: that it holds to its own schema is its promise. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it asked for
function trusted<T>(value: JsonObject): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return value as T;
}

async function whereThereIsOne<T>(result: Promise<T>, absent: readonly number[]): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof ApiError && absent.includes(error.status)) return undefined;
    throw error;
  }
}
