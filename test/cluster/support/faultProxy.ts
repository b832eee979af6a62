import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Apiserver } from './apiserver.ts';

/** A request that came by. */
export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** When, by performance.now(). */
  readonly at: number;
}

export type Match = (call: SeenCall) => boolean;

/** Stands between one controller and the apiserver, over plain HTTP, with trouble on demand. */
export interface FaultProxy {
  readonly url: string;
  readonly calls: readonly SeenCall[];
  /** Open watches break. */
  cutWatches(): void;
  /** Watches that are open now stay open, and bring nothing more. */
  stallWatches(): void;
  /** The next watch of each resource is told that its revision is forgotten, by an HTTP status or by an event. */
  expireWatches(how: 'status' | 'event'): void;
  /** Requests that match get no answer, though their connection stays, until the returned function is called. */
  hold(match: Match): () => void;
  /** The next request that matches gets no answer, nor does its connection end: the apiserver has done it, then `done`. */
  loseAnswer(match: Match, done: () => void): void;
  close(): Promise<void>;
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly path: string;
  stalled: boolean;
}

export const isWatch: Match = ({ query }) => query.get('watch') === 'true';

const EXPIRED = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'too old resource version',
  reason: 'Expired',
  code: 410,
};

export async function startFaultProxy(apiserver: Apiserver): Promise<FaultProxy> {
  const calls: SeenCall[] = [];
  const watches = new Set<OpenWatch>();
  const holds = new Set<{ readonly match: Match; readonly held: ServerResponse[] }>();
  const losses = new Set<{ readonly match: Match; readonly done: () => void }>();
  /** By resource: how its next watch is refused. */
  const expired = new Map<string, 'status' | 'event'>();

  function answer(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/' } = incoming;
    const { pathname: path, searchParams: query } = new URL(url, 'http://proxy');
    const call = { method, path, query, at: performance.now() };
    calls.push(call);
    for (const { match, held } of holds)
      if (match(call)) {
        held.push(response);
        return;
      }
    if (isWatch(call)) {
      const how = expired.get(resourceOf(path));
      expired.delete(resourceOf(path));
      if (how) return refuse(response, how);
    }
    forward(incoming, response, call);
  }

  function forward(incoming: IncomingMessage, response: ServerResponse, call: SeenCall): void {
    const { host: _, connection: __, ...headers } = incoming.headers;
    const upstream = apiserver.open({ method: call.method, path: incoming.url ?? '/', headers });
    const loss = [...losses].find(({ match }) => match(call));
    if (loss) losses.delete(loss);
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    upstream.once('response', (answered) => {
      if (loss) {
        answered.resume().once('end', loss.done);
        return;
      }
      const { connection: ___, 'keep-alive': ____, ...kept } = answered.headers;
      response.writeHead(answered.statusCode ?? 502, kept).flushHeaders();
      if (isWatch(call)) relayWatch(answered, response, call.path);
      else answered.on('error', () => response.destroy()).pipe(response);
    });
    incoming.pipe(upstream);
  }

  function relayWatch(answered: IncomingMessage, response: ServerResponse, path: string): void {
    const watch: OpenWatch = { response, path, stalled: false };
    watches.add(watch);
    response.on('close', () => watches.delete(watch));
    answered.on('data', (chunk: Buffer) => {
      if (!watch.stalled) response.write(chunk);
    });
    answered.on('end', () => {
      if (!watch.stalled) response.end();
    });
    answered.on('error', () => {
      if (!watch.stalled) response.destroy();
    });
  }

  const server = createServer(answer);
  // Idle connections of the controller's are its own to close.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    cutWatches() {
      for (const { response } of watches) response.socket?.destroy();
    },
    stallWatches() {
      for (const watch of watches) watch.stalled = true;
    },
    expireWatches(how) {
      for (const { path } of watches) expired.set(resourceOf(path), how);
    },
    hold(match) {
      const entry = { match, held: [] as ServerResponse[] };
      holds.add(entry);
      return () => {
        holds.delete(entry);
        for (const response of entry.held) response.destroy();
      };
    },
    loseAnswer: (match, done) => void losses.add({ match, done }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(response: ServerResponse, how: 'status' | 'event'): void {
  if (how === 'status') {
    response.writeHead(410, { 'content-type': 'application/json' }).end(JSON.stringify(EXPIRED));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ type: 'ERROR', object: EXPIRED })}\n`);
}

function resourceOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}
