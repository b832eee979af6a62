import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RETRY_ANNOTATION } from '../../../controller/reconcile/names.ts';
import { readyOf, RuntimeWorld } from './runtimeWorld.ts';

const ALL = ['fetch', 'transcribe', 'index'] as const;

describe('a restart of Render mode', () => {
  for (const [index, stage] of ALL.entries())
    for (const how of ['kill', 'restart'] as const)
      it(`by ${how === 'kill' ? 'SIGKILL' : 'SIGTERM'} in ${stage}: goes on there, as the same attempt`, async (t) => {
        const world = new RuntimeWorld(t);
        world.add('a');
        world.add('b');
        await world.through('a', ...ALL.slice(0, index));
        await world.playing('a', stage);
        await world[how]();
        await world.through('a', ...ALL.slice(index));
        await world.ready('a');
        await world.through('b', ...ALL);
        await world.ready('b');
        assert.deepEqual(world.began, [
          ...ALL.slice(0, index + 1).map((name) => `a ${name}`),
          ...ALL.slice(index).map((name) => `a ${name}`),
          ...ALL.map((name) => `b ${name}`),
        ]);
        assert.equal(world.get('a')?.status?.attempts, 1);
        assert.equal(world.get('a')?.status?.video?.title, 'A demo');
        assert.deepEqual(world.remembered(), []);
      });

  it('between stages and at the end changes nothing', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    for (const stage of ALL) {
      (await world.playing('a', stage)).succeed();
      await world.kill();
    }
    await world.ready('a');
    assert.deepEqual(
      world.began.filter((name, at) => world.began.indexOf(name) === at),
      ALL.map((stage) => `a ${stage}`),
    );
    await world.kill();
    await world.quiet();
    assert.equal(world.phase('a'), 'Ready');
    assert.deepEqual(world.remembered(), []);
  });

  it('gives a video up that kills the process twice in one stage, and goes on with the next', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    world.add('b');
    await world.through('a', 'fetch');
    await world.playing('a', 'transcribe');
    await world.kill();
    await world.playing('a', 'transcribe');
    world.usedMb = 250;
    t.mock.timers.tick(10_000);
    await world.kill();
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    const { lastError, conditions } = world.get('a')?.status ?? {};
    assert.equal(lastError?.stage, 'transcribe');
    assert.equal(lastError.reason, 'ProcessKilled');
    assert.equal(
      readyOf(world.get('a'))?.message,
      'The server was killed 2 times while transcribe worked on this video; when last seen it used 250 MB of 400 MB.',
    );
    const false_ = conditions?.filter(({ status }) => status === 'False').map(({ type }) => type);
    assert.deepEqual(false_, ['Transcribed', 'Ready']);
    await world.through('b', ...ALL);
    await world.ready('b');
    t.mock.timers.tick(24 * 3_600_000);
    await world.quiet();
    assert.equal(world.phase('a'), 'Failed');
    // Asked to, it is tried afresh, and has as many kills before it.
    world.patch('a', { metadata: { annotations: { [RETRY_ANNOTATION]: '1' } } });
    await world.playing('a', 'transcribe');
    await world.kill();
    await world.through('a', 'transcribe', 'index');
    await world.ready('a');
  });

  it('says that memory was short where the kernel counted a kill, and tries it with no more of it', async (t) => {
    const world = new RuntimeWorld(t, { limitMb: 800 });
    world.add('a');
    for (let time = 0; time < 2; time++) {
      await world.playing('a', 'fetch');
      world.oomKills++;
      await world.kill();
    }
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    assert.equal(world.get('a')?.status?.lastError?.reason, 'FetchOOMKilled');
    assert.match(
      readyOf(world.get('a'))?.message ?? '',
      /by the kernel for want of memory\. It had 400 MB\. With more it is not tried/,
    );
  });

  it('killed as often as one likes while it was asked to stop, a video is never given up', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    for (let time = 0; time < 4; time++) {
      await world.playing('a', 'fetch');
      await world.killWhileStopping();
    }
    await world.playing('a', 'fetch');
    await world.kill();
    await world.through('a', ...ALL);
    await world.ready('a');
  });

  describe('spec.timeout', () => {
    const overdue = (world: RuntimeWorld): boolean =>
      world.phase('a') === 'Retrying' && world.get('a')?.status?.lastError?.reason === 'DeadlineExceeded';

    for (const how of ['kill', 'restart', 'killWhileStopping'] as const)
      it(`is of the attempt as a whole: time before a ${how} counts, the time between does not`, async (t) => {
        const world = new RuntimeWorld(t);
        world.add('a', { timeout: '10m' });
        await world.through('a', 'fetch');
        await world.playing('a', 'transcribe');
        t.mock.timers.tick(400_000);
        await world[how]();
        await world.playing('a', 'transcribe');
        t.mock.timers.tick(190_000);
        await world.quiet();
        assert.equal(world.phase('a'), 'Running');
        t.mock.timers.tick(20_000);
        await world.until(() => overdue(world), 'its time is up');
      });

    it('is not prolonged by a clock that is set back, nor cut by one that is set forward', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a', { timeout: '10m' });
      await world.playing('a', 'fetch');
      world.clockOffMs = 86_400_000;
      t.mock.timers.tick(300_000);
      await world.restart();
      await world.playing('a', 'fetch');
      world.clockOffMs = -86_400_000;
      t.mock.timers.tick(200_000);
      await world.restart();
      await world.playing('a', 'fetch');
      assert.equal(world.phase('a'), 'Running');
      t.mock.timers.tick(100_000);
      await world.until(
        () => world.get('a')?.status?.lastError?.reason === 'DeadlineExceeded',
        'its time is up',
      );
    });

    it('begins anew with the next attempt', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a', { timeout: '10m' });
      await world.playing('a', 'fetch');
      t.mock.timers.tick(600_000);
      await world.until(() => overdue(world), 'its time is up');
      t.mock.timers.tick(10_000);
      await world.playing('a', 'fetch');
      t.mock.timers.tick(590_000);
      await world.through('a', ...ALL);
      await world.ready('a');
    });

    it('of a year is not over at once', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a', { timeout: '9000h' });
      await world.playing('a', 'fetch');
      t.mock.timers.tick(24 * 3_600_000);
      await world.through('a', ...ALL);
      await world.ready('a');
    });
  });

  it('killed once in each stage, a video still ends Ready', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    for (const stage of ALL) {
      await world.playing('a', stage);
      await world.kill();
      (await world.playing('a', stage)).succeed();
    }
    await world.ready('a');
  });

  it('asked to stop as often as one likes, a video is never given up', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    for (let time = 0; time < 4; time++) {
      await world.playing('a', 'fetch');
      await world.restart();
    }
    await world.through('a', ...ALL);
    await world.ready('a');
    assert.equal(world.get('a')?.status?.attempts, 1);
  });

  it('in a purge: it is purged, and gone', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.through('a', ...ALL);
    await world.ready('a');
    world.delete('a');
    for (let time = 0; time < 3; time++) {
      await world.playing('a', 'purge');
      await world.kill();
    }
    await world.through('a', 'purge');
    await world.until(() => world.get('a') === undefined, 'a is gone');
  });

  it('in a wait for the next attempt: the wait is kept', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a', { timeout: '1m' });
    await world.playing('a', 'fetch');
    t.mock.timers.tick(60_000);
    await world.until(() => world.phase('a') === 'Retrying', 'a is Retrying');
    await world.kill();
    await world.quiet();
    assert.equal(world.began.length, 1);
    t.mock.timers.tick(10_000);
    await world.playing('a', 'fetch');
  });
});
