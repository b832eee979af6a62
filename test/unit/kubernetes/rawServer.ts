import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => unknown;

export interface RawServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Connections that were made so far. */
  readonly connections: () => number;
  /** Answers the next request that no earlier one answers. */
  next(handler: Handler): void;
  close(): Promise<void>;
}

export interface RawServerOptions {
  /** Answers what `next` does not. */
  readonly otherwise: Handler;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** An HTTP server whose answers a test gives, byte by byte if need be. */
export async function startRawServer({ otherwise, tls }: RawServerOptions): Promise<RawServer> {
  const handlers: Handler[] = [];
  const requests: SeenRequest[] = [];
  let connections = 0;
  const listener: RequestListener = (incoming, response) => {
    let text = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://server');
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        text,
      };
      requests.push(request);
      (handlers.shift() ?? otherwise)(request, response);
    });
  };
  const server = tls ? createTlsServer({ ...tls }, listener) : createServer(listener);
  server.on(tls ? 'secureConnection' : 'connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    next: (handler) => void handlers.push(handler),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** The apiserver's way to say no. */
export function statusAnswer(
  code: number,
  reason: string,
  message = `said ${reason}`,
  headers: Readonly<Record<string, string>> = {},
): Handler {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return json(code, body, headers);
}
