import type { FastifyInstance, InjectOptions } from 'fastify';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createLogger } from '../../../common/log.ts';
import { ProgressBoard } from '../../../controller/render/runtime/progress.ts';
import type { ConnectionLimits } from '../../../controller/render/runtime/connections.ts';
import { buildServer, type ServerOptions } from '../../../controller/render/runtime/server.ts';
import { resourceWorld, type World } from './resourceWorld.ts';

export const TOKEN = 'a-token-of-many-letters';
export const VIDEOS = '/apis/qudemo.dev/v1alpha1/namespaces/default/loomvideos';

export interface SessionWorld extends World {
  readonly app: FastifyInstance;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  /** From `127.0.0.1` under the name of this machine unless told. */
  readonly call: (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD',
    url: string,
    headers?: Record<string, string>,
    more?: Pick<InjectOptions, 'payload' | 'remoteAddress'>,
  ) => Promise<Answered>;
  readonly signIn: (
    token: string,
    headers?: Record<string, string>,
    remoteAddress?: string,
  ) => Promise<Answered>;
  readonly port: () => Promise<number>;
}

export interface Answered {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly type: string;
  /** As a browser would send it back. */
  readonly cookie: string;
}

/** The whole server of Render mode over a real store; nothing works on the videos. */
export function sessionWorld(
  t: TestContext,
  {
    token = TOKEN,
    host = '127.0.0.1',
    onRender = false,
    limits,
  }: {
    token?: string | undefined;
    host?: string;
    onRender?: boolean;
    limits?: ConnectionLimits;
  } = {},
): SessionWorld {
  const world = resourceWorld(t);
  const lines: string[] = [];
  const app = buildServer({
    config: { host, apiToken: token === '' ? undefined : token, onRender },
    resources: world,
    search: {} as ServerOptions['search'],
    board: new ProgressBoard(),
    runsOf: () => [],
    memory: { kind: 'process', limitBytes: undefined, sample: () => ({}) as never, oomKills: () => 0 },
    clock: world.clock,
    log: createLogger({ level: 'trace', format: 'json', write: (line) => void lines.push(line) }),
    isReady: () => true,
    ...(limits && { limits }),
  });
  t.after(() => app.close());
  const call: SessionWorld['call'] = async (method, url, headers = {}, more = {}) => {
    const answer = await app.inject({
      method,
      url,
      headers: { host: '127.0.0.1:10000', ...headers },
      ...more,
    });
    const set = answer.headers['set-cookie'];
    return {
      code: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      type: (answer.headers['content-type'] ?? '').split(';', 1)[0] ?? '',
      cookie: (typeof set === 'string' ? set : '').split(';', 1)[0] ?? '',
    };
  };
  return {
    ...world,
    app,
    lines,
    call,
    signIn: (given, headers = {}, remoteAddress = '127.0.0.1') =>
      call(
        'POST',
        '/api/session',
        { 'content-type': 'application/json', ...headers },
        { payload: JSON.stringify({ token: given }), remoteAddress },
      ),
    async port() {
      await app.listen({ port: 0, host: '127.0.0.1' });
      return (app.server.address() as AddressInfo).port;
    },
  };
}

/** A connection on which tests write what they like. */
export interface Raw {
  readonly socket: Socket;
  /** All that came so far. */
  readonly received: () => string;
  /** All that came, when the server ended it. */
  readonly ended: Promise<string>;
}

export function rawConnection(t: TestContext, port: number): Raw {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  return {
    socket,
    received: () => text,
    ended: new Promise((resolve) => {
      socket.on('close', () => resolve(text));
    }),
  };
}
