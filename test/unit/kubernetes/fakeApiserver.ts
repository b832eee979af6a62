import type { ServerResponse } from 'node:http';
import {
  json,
  startRawServer,
  statusAnswer,
  type Handler,
  type RawServer,
  type SeenRequest,
} from './rawServer.ts';

/** Where the fake's objects are. */
export const THINGS = '/apis/example.dev/v1/things';

export interface Thing {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec: { readonly size: number; readonly ballast?: string };
}

/** One resource, listed in pages and watched as an apiserver does it, with trouble on demand. */
export interface FakeApiserver extends Pick<RawServer, 'url' | 'requests' | 'close'> {
  put(name: string, size?: number, options?: { readonly uid?: string }): Thing;
  remove(name: string): void;
  bookmark(): void;
  /** To all watches, as it stands. */
  send(text: string): void;
  /** Watches end as they should, after their time. */
  endWatches(): void;
  /** Connections of watches break, of silent ones too. */
  cutWatches(): void;
  /** Watches that are open now stay open, and bring nothing more. */
  silenceWatches(): void;
  /** All revisions up to now are forgotten; says so by an HTTP status or by an event. */
  forget(how: 'status' | 'event'): void;
  /** Answers the next list or watch. */
  onList(handler: Handler): void;
  onWatch(handler: Handler): void;
  lists(): readonly SeenRequest[];
  watches(): readonly SeenRequest[];
  /** Watches that are open. */
  readonly watching: number;
}

export async function startFakeApiserver(): Promise<FakeApiserver> {
  const objects = new Map<string, Thing>();
  const history: { revision: number; line: string }[] = [];
  const pages = new Map<string, readonly Thing[]>();
  const open = new Set<ServerResponse>();
  const silent = new Set<ServerResponse>();
  const listHandlers: Handler[] = [];
  const watchHandlers: Handler[] = [];
  let revision = 100;
  let forgotten = 0;
  let forgottenSaid: 'status' | 'event' = 'status';

  const emit = (type: string, object: unknown): void => {
    const line = `${JSON.stringify({ type, object })}\n`;
    history.push({ revision, line });
    for (const response of open) response.write(line);
  };

  const list: Handler = ({ query }, response) => {
    const limit = Number(query.get('limit') ?? Infinity);
    const token = query.get('continue');
    const [at = '', from = ''] = token?.split(':') ?? [String(revision), '0'];
    if (token !== null && Number(at) < forgotten) {
      statusAnswer(410, 'Expired', 'The provided continue parameter is too old')({} as SeenRequest, response);
      return;
    }
    const all = pages.get(at) ?? [...objects.values()];
    pages.set(at, all);
    const end = Number(from) + limit;
    const metadata = { resourceVersion: at, ...(end < all.length && { continue: `${at}:${end}` }) };
    json(200, { metadata, items: all.slice(Number(from), end) })({} as SeenRequest, response);
  };

  const watch: Handler = ({ query }, response) => {
    const from = Number(query.get('resourceVersion'));
    const expired = { kind: 'Status', code: 410, reason: 'Expired', message: `too old: ${from}` };
    if (from < forgotten && forgottenSaid === 'status') {
      statusAnswer(410, 'Expired', `too old resource version: ${from}`)({} as SeenRequest, response);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (from < forgotten) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`);
      return;
    }
    for (const event of history) if (event.revision > from) response.write(event.line);
    open.add(response);
    response.on('close', () => open.delete(response));
  };

  const isWatch = ({ query }: SeenRequest): boolean => query.get('watch') === 'true';
  const server = await startRawServer({
    otherwise: (request, response) =>
      ((isWatch(request) ? watchHandlers : listHandlers).shift() ?? (isWatch(request) ? watch : list))(
        request,
        response,
      ),
  });

  return {
    url: server.url,
    requests: server.requests,
    close: () => server.close(),
    put(name, size = 1, { uid = `uid-of-${name}` } = {}) {
      revision++;
      const metadata = { name, namespace: 'team', uid, resourceVersion: String(revision) };
      const thing = { metadata, spec: { size } };
      const type = objects.has(name) ? 'MODIFIED' : 'ADDED';
      objects.set(name, thing);
      emit(type, thing);
      return thing;
    },
    remove(name) {
      const thing = objects.get(name);
      if (!thing) throw new Error(`there is no ${name}`);
      objects.delete(name);
      revision++;
      emit('DELETED', { ...thing, metadata: { ...thing.metadata, resourceVersion: String(revision) } });
    },
    bookmark: () => emit('BOOKMARK', { metadata: { resourceVersion: String(revision) } }),
    send: (text) => {
      for (const response of open) response.write(text);
    },
    endWatches: () => {
      for (const response of open) response.end();
      open.clear();
    },
    cutWatches: () => {
      for (const response of [...open, ...silent]) response.socket?.destroy();
      open.clear();
    },
    silenceWatches: () => {
      for (const response of open) silent.add(response);
      open.clear();
    },
    forget(how) {
      revision++;
      forgotten = revision;
      forgottenSaid = how;
    },
    onList: (handler) => void listHandlers.push(handler),
    onWatch: (handler) => void watchHandlers.push(handler),
    lists: () => server.requests.filter((request) => !isWatch(request)),
    watches: () => server.requests.filter(isWatch),
    get watching() {
      return open.size;
    },
  };
}
