import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { processTree } from '../../common/memory/processTree.ts';
import { sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { strayProcesses } from '../support/strayProcesses.ts';
import { postVideo } from './postVideo.ts';
import { startRender, VIDEOS } from './renderServer.ts';

/** Undefined of one that has ended. */
function priorityOf(pid: number): number | undefined {
  try {
    return getPriority(pid);
  } catch {
    return undefined;
  }
}

describe('Render mode with the real pipeline', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  it('SIGTERM in a stage: ends within its time with all children, and the next start goes on', async (t) => {
    const box = await sandbox(t);
    const env = { ...box.env, ...loom.env };
    const server = await startRender(t, env);
    await postVideo(server, 'one', loom.addVideo(sampleVideo()).shareUrl);
    await server.says(/After yt-dlp download/);
    // What is worked on gives way to who reads; a child has its priority once it is started.
    const pid = server.child.pid ?? 0;
    await server.until(() => {
      const [own, ...children] = processTree(pid).map(priorityOf);
      return own === getPriority() && children.length > 0 && children.every((child) => child === 10);
    });
    const watch = await server.request(`${VIDEOS}?watch=true`);
    const asked = Date.now();
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0, server.messages.join('\n'));
    assert.ok(Date.now() - asked < 10_000, `${Date.now() - asked} ms`);
    await watch.text();
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
