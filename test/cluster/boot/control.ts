import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers the tests, which run in processes of their own and own none of the cluster's. */
export interface Control {
  /** Base URL, on loopback. */
  readonly url: string;
  close(): void;
}

/** `POST /apiserver/restart?downMs=` calls `restart` and answers when it is done, 500 with the error's text otherwise. */
export async function startControl(restart: (downMs: number) => Promise<void>): Promise<Control> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'POST' || url.pathname !== '/apiserver/restart') {
      response.writeHead(404).end();
      return;
    }
    restart(Number(url.searchParams.get('downMs') ?? 0)).then(
      () => response.writeHead(204).end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}
