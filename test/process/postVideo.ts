import assert from 'node:assert/strict';
import { VIDEOS, type RenderServer } from './renderServer.ts';

/** Makes a LoomVideo as `kubectl create` would. */
export async function postVideo(server: RenderServer, name: string, url: string): Promise<void> {
  const answer = await server.request(VIDEOS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'qudemo.dev/v1alpha1',
      kind: 'LoomVideo',
      metadata: { name },
      spec: { url },
    }),
  });
  assert.equal(answer.status, 201, await answer.text());
}
