import { setImmediate as turn } from 'node:timers/promises';
import {
  ApiError,
  type KubeApi,
  type KubeMetadata,
  type KubeObject,
  type WatchEvent,
} from '../../../controller/kubernetes/api/kubeApi.ts';

/** An apiserver in memory: as much of it as the controller relies on. */

export type Stored = KubeObject & {
  readonly metadata: KubeMetadata & { readonly uid: string; readonly resourceVersion: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
};

export interface Call {
  readonly method: 'get' | 'list' | 'create' | 'apply' | 'patch' | 'replace' | 'delete';
  readonly path: string;
  readonly body?: object;
}

interface Place {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export class FakeCluster {
  readonly #objects = new Map<string, Stored>();
  readonly #history: { resource: string; version: number; event: WatchEvent<Stored> }[] = [];
  readonly #wakers = new Set<() => void>();
  readonly #listeners: ((
    resource: string,
    object: Stored | undefined,
    before: Stored | undefined,
  ) => void)[] = [];
  /** All calls of all clients, in order; watches not counted. */
  readonly calls: Call[] = [];
  /** Throws for the apiserver: quotas, refusals, outages. */
  refuse: (call: Call) => ApiError | undefined = () => undefined;
  #version = 0;
  #uids = 0;

  constructor() {
    for (const name of ['default', 'team-a', 'elsewhere'])
      this.put('/api/v1/namespaces', { metadata: { name } });
  }

  /** A client. `around` is handed each call and may keep it from happening, or lose its answer. */
  client(around: <T>(call: Call, run: () => T) => Promise<T> = async (_call, run) => run()): KubeApi {
    const done = async <T>(call: Call, run: () => Stored | undefined | object): Promise<T> =>
      around(call, () => {
        this.calls.push(call);
        const refusal = this.refuse(call);
        if (refusal) throw refusal;
        return structuredClone(run()) as T;
      });
    return {
      get: (path) => done({ method: 'get', path }, () => this.#objects.get(path)),
      list: (path, query) => done({ method: 'list', path }, () => this.#list(path, query)),
      create: (path, body) =>
        done({ method: 'create', path, body }, () => this.put(path, structuredClone(body) as KubeObject)),
      apply: (path, body) => done({ method: 'apply', path, body }, () => this.#apply(path, body)),
      mergePatch: (path, body) => done({ method: 'patch', path, body }, () => this.#patch(path, body)),
      replace: (path) => done({ method: 'replace', path }, () => fail(405, 'MethodNotAllowed')),
      delete: (path, { uid }) =>
        done({ method: 'delete', path, body: { uid } }, () => {
          const object = this.#objects.get(path);
          if (object && (uid === undefined || uid === object.metadata.uid)) this.startDeletion(path);
          return {};
        }),
      watch: (path, query, signal) => this.#watch(path, query, signal),
    };
  }

  /** Hears of each change, before any watch does. */
  onChange(
    listener: (resource: string, object: Stored | undefined, before: Stored | undefined) => void,
  ): void {
    this.#listeners.push(listener);
  }

  get(path: string): Stored | undefined {
    return this.#objects.get(path);
  }

  all(resource: string): Stored[] {
    return [...this.#objects].flatMap(([path, object]) =>
      placeOf(path).resource === resource ? [object] : [],
    );
  }

  /** Creates an object in the list at `path`. */
  put(path: string, object: KubeObject): Stored {
    const at = `${path}/${object.metadata.name}`;
    if (this.#objects.has(at)) fail(409, 'AlreadyExists', `${object.metadata.name} already exists`);
    return this.#write(at, {
      ...object,
      metadata: {
        creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        ...object.metadata,
        namespace: placeOf(path).namespace ?? 'default',
        uid: `uid-${++this.#uids}`,
        resourceVersion: '',
        generation: 1,
      },
    });
  }

  /** Changes an object as another client would. */
  change(path: string, edit: (object: Stored) => Stored): Stored {
    const object = this.#objects.get(path) ?? fail(404, 'NotFound');
    return this.#write(path, edit(object));
  }

  /** As DELETE does: at once, or, while there are finalizers, by a mark. */
  startDeletion(path: string): void {
    const object = this.#objects.get(path);
    if (!object || object.metadata.deletionTimestamp !== undefined) return;
    const isJob = placeOf(path).resource === 'jobs';
    if ((object.metadata.finalizers ?? []).length === 0 && !isJob) return this.remove(path);
    this.#write(path, {
      ...object,
      metadata: { ...object.metadata, deletionTimestamp: new Date().toISOString() },
    });
  }

  remove(path: string): void {
    const before = this.#objects.get(path);
    if (!before) return;
    this.#objects.delete(path);
    const object = this.#stamped(before);
    this.#tell(path, { type: 'DELETED', object }, undefined, before);
  }

  #apply(path: string, body: object): Stored {
    const given = body as { metadata: Partial<KubeMetadata>; status: Record<string, unknown> };
    const at = path.replace(/\/status$/, '');
    const object = this.#objects.get(at) ?? fail(404, 'NotFound');
    check(object, given.metadata);
    return this.#write(at, { ...object, status: structuredClone(given.status) });
  }

  #patch(path: string, body: object): Stored {
    const given = structuredClone(body) as {
      metadata?: Partial<KubeMetadata>;
      spec?: Record<string, unknown>;
    };
    const object = this.#objects.get(path) ?? fail(404, 'NotFound');
    check(object, given.metadata ?? {});
    const { resourceVersion: _, uid: _uid, ...metadata } = given.metadata ?? {};
    const patched: Stored = {
      ...object,
      metadata: { ...object.metadata, ...metadata },
      ...(given.spec && { spec: { ...object.spec, ...given.spec } }),
    };
    const written = this.#write(path, patched);
    if (written.metadata.deletionTimestamp !== undefined && (written.metadata.finalizers ?? []).length === 0)
      this.remove(path);
    return written;
  }

  #write(path: string, object: Stored): Stored {
    const before = this.#objects.get(path);
    if (before && same(before, object)) return before;
    const after = this.#stamped(object);
    this.#objects.set(path, after);
    this.#tell(path, { type: before ? 'MODIFIED' : 'ADDED', object: after }, after, before);
    return after;
  }

  #stamped(object: Stored): Stored {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
  }

  #tell(
    path: string,
    event: WatchEvent<Stored>,
    after: Stored | undefined,
    before: Stored | undefined,
  ): void {
    const { resource } = placeOf(path);
    this.#history.push({ resource, version: this.#version, event });
    for (const listener of this.#listeners) listener(resource, after, before);
    for (const wake of this.#wakers) wake();
  }

  #list(path: string, query: object): object {
    const { resource, namespace } = placeOf(path);
    const items = this.all(resource).filter(
      (object) =>
        (namespace === undefined || object.metadata.namespace === namespace) && matches(object, query),
    );
    return { items, metadata: { resourceVersion: String(this.#version) } };
  }

  async *#watch<T>(path: string, query: object, signal: AbortSignal): AsyncIterable<WatchEvent<T>> {
    const { resource, namespace } = placeOf(path);
    let version = Number('resourceVersion' in query ? query.resourceVersion : 0);
    let seen = this.#history.findIndex((entry) => entry.version > version);
    if (seen < 0) seen = this.#history.length;
    for (;;) {
      // As far away as an apiserver is.
      await turn();
      signal.throwIfAborted();
      for (; seen < this.#history.length; seen++) {
        const entry = this.#history[seen];
        if (entry?.resource !== resource || !('metadata' in entry.event.object)) continue;
        version = entry.version;
        const object = entry.event.object as Stored;
        if ((namespace === undefined || object.metadata.namespace === namespace) && matches(object, query))
          yield structuredClone(entry.event) as WatchEvent<T>;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wakers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wakers.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }
}

function placeOf(path: string): Place {
  const match =
    /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      path,
    );
  if (!match) throw new Error(`not a path: ${path}`);
  const [, namespace, resource = '', name, subresource] = match;
  return { resource, namespace, name, subresource };
}

function matches(object: Stored, query: object): boolean {
  const selector = 'labelSelector' in query ? String(query.labelSelector) : '';
  const fields = 'fieldSelector' in query ? String(query.fieldSelector) : '';
  return (
    selector
      .split(',')
      .filter(Boolean)
      .every((term) => {
        const [label = '', value] = term.split('=');
        return object.metadata.labels?.[label] === value;
      }) &&
    fields
      .split(',')
      .filter(Boolean)
      .every((term) => {
        const [field = '', value] = term.split('=');
        const found = field
          .split('.')
          .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], object);
        return found === value;
      })
  );
}

function check({ metadata }: Stored, { resourceVersion, uid }: Partial<KubeMetadata>): void {
  if (uid !== undefined && uid !== metadata.uid) fail(409, 'Conflict', 'another uid');
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    fail(409, 'Conflict', 'the object has been modified');
}

function same(a: Stored, b: Stored): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function apiError(status: number, reason: string, message = reason): ApiError {
  return new ApiError({ status, reason, message });
}

function fail(status: number, reason: string, message?: string): never {
  throw apiError(status, reason, message);
}
