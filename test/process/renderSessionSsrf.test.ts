import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { askForVideo } from './postVideo.ts';
import { startRender, VIDEOS, type RenderServer } from './renderServer.ts';

const TOKEN = 'a-token-of-many-letters';
const SECRET = 'iam-credentials-of-the-host';

/** Something on this machine that only this machine reaches. */
async function inside(t: TestContext): Promise<{ url: string; asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(SECRET);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest/meta-data`, asked };
}

function post(server: RenderServer, name: string, url: string): Promise<Response> {
  return askForVideo(server, name, url, { authorization: `Bearer ${TOKEN}` });
}

describe('on Render nobody is led to what only the server can reach', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  it('by the link: Loom alone is taken', async (t) => {
    const box = await sandbox(t);
    const { url, asked } = await inside(t);
    const server = await startRender(t, {
      ...box.env,
      ...loom.env,
      RENDER: 'true',
      LOOMVIDEO_API_TOKEN: TOKEN,
    });
    const id = '0123456789abcdef0123456789abcdef';
    for (const link of [
      url,
      `http://169.254.169.254/share/${id}`,
      `https://evil.example/share/${id}`,
      `https://www.loom.com.evil.example/share/${id}`,
      `https://www.loom.com@127.0.0.1/share/${id}`,
      `https://127.0.0.1#@www.loom.com/share/${id}`,
      `https://www.loom.com:8080/share/${id}`,
      `https://www.loom.com/share/${id}@127.0.0.1`,
      `https://www.loom.com/share/../../x/share/${id}`,
      `https://www.loom.com\\@127.0.0.1/share/${id}`,
      `file:///share/${id}`,
      `ftp://www.loom.com/share/${id}`,
      '/etc/passwd',
    ])
      assert.equal((await post(server, 'x', link)).status, 422, link);
    assert.deepEqual(asked, []);
    await server.end('SIGTERM');
  });

  it('by a redirect of the media: nobody asks there', async (t) => {
    const box = await sandbox(t);
    const { url, asked } = await inside(t);
    const video = loom.addVideo({
      ...sampleVideo(),
      faults: [{ on: 'media', redirect: `${url}?x=${SECRET}` }],
    });
    const server = await startRender(t, {
      ...box.env,
      ...loom.env,
      // As on Render, where no proxy stands between: the redirect could be followed.
      NO_PROXY: '127.0.0.1',
      RENDER: 'true',
      LOOMVIDEO_API_TOKEN: TOKEN,
    });
    assert.equal((await post(server, 'led', video.shareUrl)).status, 201);
    let text = '';
    while (!text.includes('"reason":"DownloadForbidden"')) {
      await delay(50);
      const answer = await server.request(`${VIDEOS}/led`, { headers: { authorization: `Bearer ${TOKEN}` } });
      text = await answer.text();
    }
    assert.match(
      text,
      /The download was led to an address that is not public \(127\.0\.0\.1\); it is not followed\./,
    );
    assert.deepEqual(asked, []);
    assert.ok(!text.includes(SECRET));
    assert.ok(!server.messages.join('\n').includes(SECRET));
    await server.end('SIGTERM');
    assert.ok(!JSON.stringify(dumpStore(box.dataDir)).includes(SECRET));
  });
});
