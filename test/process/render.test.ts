import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sandbox, workFiles } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { strayProcesses } from '../support/strayProcesses.ts';
import { startRender, VIDEOS, type RenderServer } from './renderServer.ts';

/** In the order in which they are posted: in which stage of each the process is struck, and what shows that it is there. */
const STRUCK = [
  { name: 'third', stage: 'fetch', shows: /Video info extracted/ },
  { name: 'first', stage: 'transcribe', shows: /After yt-dlp download/ },
  { name: 'second', stage: 'index', shows: /After transcription/ },
] as const;

async function post(server: RenderServer, name: string, url: string): Promise<void> {
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

describe('Render mode with the real pipeline', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  it('SIGKILL in each stage: after restarts all videos end Ready, once each, in order', async (t) => {
    const box = await sandbox(t);
    const env = { ...box.env, ...loom.env };
    let server = await startRender(t, env);
    for (const { name, stage } of STRUCK) {
      const faults = stage === 'fetch' ? [{ on: 'media', stallAfter: 100_000, times: 1 } as const] : [];
      await post(server, name, loom.addVideo({ ...sampleVideo(), faults }).shareUrl);
    }
    for (const { name, stage, shows } of STRUCK) {
      await server.says(shows, name);
      // The recording stalls for whoever asks first: that is to be the one who is killed.
      if (stage === 'fetch')
        while (!loom.requests.some(({ host }) => host === 'cdn.loom.com'))
          await new Promise((resolve) => setTimeout(resolve, 20));
      const exit = await server.end('SIGKILL');
      assert.equal(exit.signal, 'SIGKILL');
      assert.deepEqual(await strayProcesses(box.root), []);
      server = await startRender(t, env);
      assert.equal((await server.list()).length, STRUCK.length);
      await server.says(/was interrupted and is taken up again/, name);
    }
    const videos = await server.until((all) =>
      all.every(({ status }) => ['Ready', 'Failed'].includes(status?.phase ?? '')),
    );
    let previous = '';
    for (const { name } of STRUCK) {
      const status = videos.find(({ metadata }) => metadata.name === name)?.status;
      assert.equal(status?.phase, 'Ready', JSON.stringify(status));
      assert.equal(status.attempts, 1);
      assert.equal(status.index?.passages, 9);
      assert.ok((status.memory?.peakMb ?? 0) <= 400, JSON.stringify(status.memory));
      assert.ok((status.finishedAt ?? '') > previous, 'the order is kept');
      previous = status.finishedAt ?? '';
    }
    const store = dumpStore(box.dataDir);
    assert.equal(store['videos']?.length, STRUCK.length);
    assert.equal(store['passages']?.length, 9 * STRUCK.length);
    assert.deepEqual(await workFiles(box.workDir), []);

    const asked = Date.now();
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0, server.messages.join('\n'));
    assert.ok(Date.now() - asked < 5000);
  });

  it('SIGTERM in a stage: ends within its time with all children, and the next start goes on', async (t) => {
    const box = await sandbox(t);
    const env = { ...box.env, ...loom.env };
    const server = await startRender(t, env);
    await post(server, 'one', loom.addVideo(sampleVideo()).shareUrl);
    await server.says(/After yt-dlp download/);
    const watch = server.request(`${VIDEOS}?watch=true`).then((answer) => answer.text());
    const asked = Date.now();
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0, server.messages.join('\n'));
    assert.ok(Date.now() - asked < 10_000, `${Date.now() - asked} ms`);
    await watch;
    assert.deepEqual(await strayProcesses(box.root), []);

    const again = await startRender(t, env);
    const [video] = await again.until(([one]) => one?.status?.phase === 'Ready');
    assert.equal(video?.status?.attempts, 1);
    assert.ok(again.messages.includes('♻️ fetch was finished by an earlier run'));
    const { uid } = video.metadata;
    assert.equal((await again.request(`${VIDEOS}/one`, { method: 'DELETE' })).status, 200);
    await again.until((all) => all.length === 0);
    assert.deepEqual(dumpStore(box.dataDir)['passages'], []);
    assert.ok(!JSON.stringify(dumpStore(box.dataDir)).includes(uid));
    assert.equal((await again.end('SIGTERM')).code, 0);
  });
});
