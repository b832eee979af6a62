import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendBody } from './loom/body.ts';

/** A web server on loopback that answers every request with one media file. */
export async function serveMediaFile(path: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const options = { source: path, type: 'video/mp4', length: true, fault: undefined };
    sendBody(request, response, options).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // oxlint-disable-next-line no-unsafe-type-assertion -- a TCP server's address is never a pipe's name
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/a/recording.mp4`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
