import assert from 'node:assert/strict';
import { VIDEOS, type RenderServer } from './renderServer.ts';

/** Asks for a LoomVideo as `kubectl create` would. */
export function askForVideo(
  server: RenderServer,
  name: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return server.request(VIDEOS, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      apiVersion: 'qudemo.dev/v1alpha1',
      kind: 'LoomVideo',
      metadata: { name },
      spec: { url },
    }),
  });
}

/** Likewise, and it is made. */
export async function postVideo(server: RenderServer, name: string, url: string): Promise<void> {
  const answer = await askForVideo(server, name, url);
  assert.equal(answer.status, 201, await answer.text());
}
