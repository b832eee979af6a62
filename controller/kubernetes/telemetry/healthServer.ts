import type { RequestListener, Server } from 'node:http';
import type { Registry } from 'prom-client';
import { http } from '../api/builtinHttp.ts';

export interface Health {
  /** What is wrong, one line each: then the process is better started anew. */
  problems(): readonly string[];
  /** Why it is not ready; undefined: it is. */
  notReady(): string | undefined;
}

/** Serves `/healthz`, `/readyz` and `/metrics` on one port, until the signal. Throws what listening throws. */
export async function serveHealth(
  { port, health, registry }: { port: number; health: Health; registry: Registry },
  signal: AbortSignal,
): Promise<Server> {
  const server = http.createServer({ requestTimeout: 10_000 }, answer(health, registry));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
  signal.addEventListener('abort', () => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

function answer(health: Health, registry: Registry): RequestListener {
  return (request, response) => {
    const send = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type });
      response.end(text);
    };
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'GET only\n');
    if (pathname === '/healthz') {
      const problems = health.problems();
      return problems.length === 0 ? send(200, 'ok\n') : send(503, `${problems.join('\n')}\n`);
    }
    if (pathname === '/readyz') {
      const why = health.notReady();
      return why === undefined ? send(200, 'ok\n') : send(503, `${why}\n`);
    }
    if (pathname !== '/metrics') return send(404, '/healthz, /readyz and /metrics\n');
    registry.metrics().then(
      (text) => send(200, text, registry.contentType),
      (error: unknown) => send(500, `${String(error)}\n`),
    );
    return undefined;
  };
}
