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
    await world.kill();
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    assert.equal(world.get('a')?.status?.lastError?.stage, 'transcribe');
    assert.match(
      readyOf(world.get('a'))?.message ?? '',
      /killed 2 times while transcribe worked on this video/,
    );
    await world.through('b', ...ALL);
    await world.ready('b');
    // Asked to, it is tried afresh.
    world.patch('a', { metadata: { annotations: { [RETRY_ANNOTATION]: '1' } } });
    await world.through('a', 'transcribe', 'index');
    await world.ready('a');
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
