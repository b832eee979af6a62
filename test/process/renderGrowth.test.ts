import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree, processTreeSource } from '../../common/memory/processTree.ts';
import { toMb } from '../../common/memory/source.ts';
import { sandbox } from '../support/cli.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { shortVideo } from '../support/shortVideo.ts';
import { postVideo } from './postVideo.ts';
import { startRender } from './renderServer.ts';

const VIDEOS = 10;

/**
 * What the server may gain from the third video to the tenth. With forty it gained 13 MB up to the twentieth, and nothing
 * after: V8 lets its heap fill before it cleans it. MB.
 */
const MAY_GROW_MB = 20;

/** What it may take with nothing to do, children included. MB. */
const IDLE_MB = 150;

/** A minute after its last use the inference process ends; milliseconds, with time to end in. */
const IDLE_WITHIN_MS = 75_000;

/** Resident memory of one process, with all that is shared; MB. */
function residentMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return toMb(pages * 4096);
}

describe('the memory of Render mode', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  it('does not grow with ten videos one after another, and a minute after only the server is left', async (t) => {
    const box = await sandbox(t);
    const env = { ...box.env, ...loom.env };
    // The first start after a change of the code compiles its modules, which takes 20 MB; an image has them compiled.
    await (await startRender(t, env)).end('SIGTERM');
    const server = await startRender(t, env);
    const pid = server.child.pid ?? 0;
    const atStart = residentMb(pid);
    const options = await shortVideo();
    const resident: number[] = [];
    for (let count = 1; count <= VIDEOS; count++) {
      await postVideo(server, `video-${count}`, loom.addVideo(options).shareUrl);
      const videos = await server.until((all) =>
        all.every(({ status }) => ['Ready', 'Failed'].includes(status?.phase ?? '')),
      );
      assert.ok(videos.every(({ status }) => status?.phase === 'Ready'));
      assert.ok(videos.every(({ status }) => (status?.memory?.peakMb ?? 0) <= 400));
      resident.push(residentMb(pid));
    }
    for (const end = Date.now() + IDLE_WITHIN_MS; processTree(pid).length > 1; await sleep(500))
      assert.ok(Date.now() < end, 'the inference process has not ended');
    const idle = residentMb(pid);
    const pss = toMb(processTreeSource(pid).sample().residentBytes);
    t.diagnostic(
      `MB resident: ${atStart} at the start; ${resident.join(', ')} after each video; idle ${idle} (PSS ${pss})`,
    );
    const second = resident[1] ?? 0;
    const last = resident.at(-1) ?? 0;
    assert.ok(last - second <= MAY_GROW_MB, `from ${second} to ${last} MB`);
    assert.ok(idle <= IDLE_MB, `${idle} MB`);
    assert.equal((await server.end('SIGTERM')).code, 0);
  });
});
