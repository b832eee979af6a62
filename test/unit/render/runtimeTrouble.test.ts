import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { RuntimeStore } from '../../../controller/render/runtime/runtimeStore.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { readyOf, RuntimeWorld } from './runtimeWorld.ts';

const ALL = ['fetch', 'transcribe', 'index'] as const;

/** From now on the disk takes nothing more for the runtime; returns how to give it room again. */
function fillDisk(t: TestContext): () => void {
  const full = (): never => {
    throw new StageError('StoreUnavailable', 'runtime.db does not fit on its disk: free space there.');
  };
  const methods = (['put', 'forgetAttempt', 'forgetVideo', 'placeOf', 'countKill'] as const).map((name) =>
    t.mock.method(RuntimeStore.prototype, name, full),
  );
  return () => {
    for (const { mock } of methods) mock.restore();
  };
}

/** Longer than the runtime waits after a failure of its own. */
const PAUSE_MS = 5000;

describe('what goes wrong around the runtime', () => {
  for (const [index, stage] of ALL.entries())
    it(`a full disk while ${stage} runs: once there is room it goes on, and ends Ready`, async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      await world.through('a', ...ALL.slice(0, index));
      const played = await world.playing('a', stage);
      const makeRoom = fillDisk(t);
      // The vitals of a stage are not worth its end.
      t.mock.timers.tick(30_000);
      await world.quiet();
      assert.ok(!played.context.signal.aborted);
      played.succeed();
      world.add('b');
      for (let time = 0; time < 3; time++) {
        await world.quiet();
        t.mock.timers.tick(PAUSE_MS);
      }
      assert.equal(world.phase('b'), undefined);
      makeRoom();
      t.mock.timers.tick(PAUSE_MS);
      await world.through('a', ...ALL.slice(index + 1));
      await world.ready('a');
      assert.equal(world.get('a')?.status?.attempts, 1);
      t.mock.timers.tick(PAUSE_MS);
      await world.through('b', ...ALL);
      await world.ready('b');
      assert.equal(world.began.filter((name) => name === `a ${stage}`).length, 1, 'nothing is made twice');
    });

  it('a full disk while a video is deleted: once there is room it is purged and gone', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.through('a', ...ALL);
    await world.ready('a');
    const makeRoom = fillDisk(t);
    world.delete('a');
    await world.quiet();
    makeRoom();
    t.mock.timers.tick(PAUSE_MS);
    await world.through('a', 'purge');
    await world.until(() => world.get('a') === undefined, 'a is gone');
    await world.until(() => world.remembered().length === 0, 'nothing is remembered');
  });

  it('a full disk when it is asked to stop: it stops all the same', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    const { context } = await world.playing('a', 'fetch');
    const makeRoom = fillDisk(t);
    await world.restart(makeRoom);
    assert.ok(context.signal.aborted);
    await world.through('a', ...ALL);
    await world.ready('a');
  });

  it('asked to stop while it waits to write again: the stop is no strike', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    const played = await world.playing('a', 'fetch');
    const makeRoom = fillDisk(t);
    played.succeed();
    await world.quiet();
    makeRoom();
    const countKill = t.mock.method(RuntimeStore.prototype, 'countKill');
    await world.restart();
    await world.through('a', 'transcribe', 'index');
    await world.ready('a');
    assert.equal(countKill.mock.callCount(), 0);
  });

  it('killed at a start, between two attempts at it: the strike is counted once', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.playing('a', 'fetch');
    await world.kill();
    const { folder } = world;
    await world.playing('a', 'fetch');
    const store = new RuntimeStore(join(folder, 'runtime.db'));
    t.after(() => store.close());
    const [attempt] = store.attempts();
    assert.ok(attempt);
    const lost = new Error('the process is gone');
    assert.throws(() => {
      store.countKill(attempt, 'fetch', () => {
        throw lost;
      });
    });
    await world.kill();
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    const kills = store.countKill(attempt, 'fetch', (count) => {
      assert.equal(count, 2);
      return attempt;
    });
    assert.equal(kills, attempt);
  });

  it('a clock set back by a day between attempts and videos: order and attempts are as ever', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('b');
    await world.playing('b', 'fetch');
    world.clockOffMs = -86_400_000;
    world.add('a');
    await world.until(() => world.phase('a') === 'Queued', 'a waits for b');
    await world.restart();
    await world.through('b', ...ALL);
    await world.ready('b');
    await world.through('a', ...ALL);
    await world.ready('a');
    const { timings, attempts } = world.get('b')?.status ?? {};
    assert.equal(attempts, 1);
    assert.ok((timings?.['totalSeconds'] ?? -1) >= 0);
  });

  it('the working folder of a video under way is not swept after a pause of days', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.through('a', 'fetch');
    const { context } = await world.playing('a', 'transcribe');
    await context.folder.write('a.txt', 'An output.');
    world.clockOffMs = 3 * 86_400_000;
    await world.kill();
    const again = await world.playing('a', 'transcribe');
    await world.quiet();
    assert.deepEqual(await readdir(again.context.folder.path), ['a.txt']);
  });

  describe('spec.maxAttempts changed while it runs', () => {
    it('raised: the attempt goes on, and another follows', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a', { maxAttempts: 1 });
      const played = await world.playing('a', 'fetch');
      world.patch('a', { spec: { maxAttempts: 2 } });
      await world.quiet();
      assert.ok(!played.context.signal.aborted);
      played.fail(new StageError('DownloadFailed', 'It broke.'));
      await world.until(() => world.phase('a') === 'Retrying', 'a is Retrying');
      t.mock.timers.tick(10_000);
      await world.through('a', ...ALL);
      await world.ready('a');
      assert.equal(world.get('a')?.status?.ledger?.run, 1);
    });

    it('lowered: no other follows', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a', { maxAttempts: 3 });
      const played = await world.playing('a', 'fetch');
      world.patch('a', { spec: { maxAttempts: 1 } });
      played.fail(new StageError('DownloadFailed', 'It broke.'));
      await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    });
  });

  it('two names with one link are two videos: each has its own folder and its own key', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    world.add('b');
    assert.equal(world.get('a')?.spec.url, world.get('b')?.spec.url);
    const { context: a } = await world.playing('a', 'fetch');
    await world.through('a', ...ALL);
    const { context: b } = await world.playing('b', 'fetch');
    assert.notEqual(a.folder.path, b.folder.path);
    assert.notEqual(a.job.owner.key, b.job.owner.key);
    world.delete('a');
    await world.through('a', 'purge');
    assert.ok(!b.signal.aborted);
    await world.through('b', ...ALL);
    await world.ready('b');
  });

  describe('too little memory: it says what allows no more, and what to do', () => {
    for (const { what, limits, max, says } of [
      { what: 'the spec', limits: { limitMb: 900 }, max: '400Mi', says: /had 400 MB\. spec\.memory allows/ },
      {
        what: 'MAX_MEMORY_MB',
        limits: { limitMb: 400 },
        max: '800Mi',
        says: /had 400 MB\. That is all MAX_MEMORY_MB lets the server use: raise it/,
      },
      {
        what: 'the container',
        limits: { limitMb: 900, containerMb: 400 },
        max: '800Mi',
        says: /had 400 MB\. That is all its container has: give the server a larger instance/,
      },
    ] as const)
      it(what, async (t) => {
        const world = new RuntimeWorld(t, limits);
        world.add('a', { memory: { limit: '400Mi', max } });
        (await world.playing('a', 'fetch')).fail(new StageError('MemoryLimitExceeded', 'Too much.'));
        await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
        assert.match(readyOf(world.get('a'))?.message ?? '', says);
      });
  });
});
