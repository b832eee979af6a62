import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';

/** How long connections may take, and how many there may be; milliseconds. Those who send a byte now and then are cut too. */
export interface ConnectionLimits {
  readonly headersMs: number;
  /** For a request to arrive whole: the largest takes a second on a slow line. */
  readonly requestMs: number;
  /** Without a byte in either direction while there is a request. Streams that may be silent for longer lift it. */
  readonly silenceMs: number;
  /** Between requests; longer than the proxies before it keep theirs, else they send a request into a closing one. */
  readonly idleMs: number;
  /** How often the first two are looked after. */
  readonly lookMs: number;
  readonly connections: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 15_000,
  requestMs: 30_000,
  silenceMs: 120_000,
  idleMs: 120_000,
  lookMs: 5000,
  // A hundred browsers have six each. One takes 36 kB while it is idle (measured over 1000).
  connections: 1000,
};

/** Of all headers together, bytes: Node's own, told here since it is relied upon. */
const MAX_HEADERS = 16 * 1024;

export function connectionOptions(limits: ConnectionLimits) {
  return {
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.silenceMs,
    keepAliveTimeout: limits.idleMs,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.lookMs,
      maxHeaderSize: MAX_HEADERS,
    },
    clientErrorHandler: refuseConnection,
  } satisfies FastifyServerOptions & { http: object };
}

export function boundConnections({ server }: FastifyInstance, { connections }: ConnectionLimits): void {
  server.maxConnections = connections;
}

/** Of what is no request: there is no path to tell who asks, and what follows on the connection cannot be told apart. */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  const code =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  if (socket.writable && error.code !== 'ECONNRESET') {
    const title = STATUS_CODES[code] ?? '';
    const body = JSON.stringify({ title, status: code, detail: 'The request cannot be read.' });
    socket.write(
      [
        `HTTP/1.1 ${code} ${title}`,
        'connection: close',
        'content-type: application/problem+json',
        'x-content-type-options: nosniff',
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroy();
}
