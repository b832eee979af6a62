import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RETRY_ANNOTATION } from '../../../controller/reconcile/names.ts';
import type { PastRun } from '../../../controller/render/runtime/runHistory.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { RuntimeWorld } from './runtimeWorld.ts';

const ALL = ['fetch', 'transcribe', 'index'] as const;
const MINUTE_MS = 60_000;

/** `1.1 Succeeded: fetch, transcribe, index`. */
function line({ run, attempt, outcome, reason, interruptions, stages }: PastRun): string {
  const how = [outcome, reason, interruptions && `${interruptions}×`].filter(Boolean).join(' ');
  return `${run}.${attempt} ${how}: ${stages.map(({ stage }) => stage).join(', ')}`;
}

describe('the runs of a video', () => {
  it('are told while they go on, each stage with its memory as it ends', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    world.add('b');
    await world.playing('a', 'fetch');
    assert.deepEqual(world.runs('a'), [
      { run: 1, attempt: 1, startedAt: '2026-11-24T12:00:00.000Z', outcome: 'Running', stages: [] },
    ]);
    await world.until(() => world.phase('b') === 'Queued', 'b is Queued');
    assert.deepEqual(world.runs('b'), [], 'what has not begun is no run');
    world.usedMb = 321;
    t.mock.timers.tick(MINUTE_MS);
    world.usedMb = 150;
    await world.through('a', 'fetch');
    await world.playing('a', 'transcribe');
    assert.deepEqual(world.runs('a')[0]?.stages, [
      {
        stage: 'fetch',
        outcome: 'Succeeded',
        reason: 'Completed',
        startedAt: '2026-11-24T12:00:00.000Z',
        finishedAt: '2026-11-24T12:01:00.000Z',
        peakMb: 321,
        limitMb: 400,
      },
    ]);
    t.mock.timers.tick(MINUTE_MS);
    await world.through('a', 'transcribe', 'index');
    await world.ready('a');
    assert.deepEqual(world.runs('a').map(line), ['1.1 Succeeded: fetch, transcribe, index']);
    assert.equal(world.runs('a')[0]?.finishedAt, '2026-11-24T12:02:00.000Z');
    await world.until(() => world.remembered().join() === 'b process running', 'its attempt is forgotten');
  });

  it('are one for each attempt and each retry', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a', { maxAttempts: 2 });
    for (let time = 0; time < 2; time++) {
      (await world.playing('a', 'fetch')).fail(new StageError('DownloadFailed', 'It broke.'));
      await world.until(() => ['Retrying', 'Failed'].includes(world.phase('a') ?? ''), 'it failed');
      t.mock.timers.tick(10_000);
    }
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    world.patch('a', { metadata: { annotations: { [RETRY_ANNOTATION]: '1' } } });
    await world.through('a', ...ALL);
    await world.ready('a');
    const expected = [
      '1.1 Failed DownloadFailed: fetch',
      '1.2 Failed DownloadFailed: fetch',
      '2.1 Succeeded: fetch, transcribe, index',
    ];
    assert.deepEqual(world.runs('a').map(line), expected);
    await world.restart();
    assert.deepEqual(world.runs('a').map(line), expected, 'after a restart too');
  });

  for (const how of ['kill', 'restart', 'killWhileStopping'] as const)
    it(`interrupted by a ${how}: one that goes on, with what its stages had told`, async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      world.usedMb = 222;
      await world.through('a', 'fetch');
      await world.playing('a', 'transcribe');
      world.usedMb = 100;
      const [before] = world.runs('a');
      await world[how]();
      await world.playing('a', 'transcribe');
      assert.deepEqual(world.runs('a'), [{ ...before, interruptions: 1 }]);
      assert.equal(before?.stages[0]?.peakMb, 222);
      await world[how]();
      if (how === 'kill') await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
      else {
        await world.through('a', 'transcribe', 'index');
        await world.ready('a');
      }
      assert.deepEqual(
        world.runs('a').map(line),
        how === 'kill'
          ? ['1.1 Failed ProcessKilled 1×: fetch, transcribe']
          : ['1.1 Succeeded 2×: fetch, transcribe, index'],
      );
    });

  it('killed between a stage and the next, or at the end: nothing is told twice', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    for (const stage of ALL) {
      (await world.playing('a', stage)).succeed();
      await world.kill();
    }
    await world.ready('a');
    const [run, ...others] = world.runs('a');
    assert.deepEqual(others, []);
    assert.equal(run?.outcome, 'Succeeded');
    assert.deepEqual(
      run.stages.map(({ stage }) => stage),
      ALL,
    );
  });

  it('suspended: stopped, and going on as the same when it is resumed', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.through('a', 'fetch');
    await world.playing('a', 'transcribe');
    world.patch('a', { spec: { suspend: true } });
    await world.until(() => world.remembered().length === 0, 'it has stopped');
    assert.deepEqual(world.runs('a').map(line), ['1.1 Stopped: fetch']);
    assert.ok(world.runs('a')[0]?.finishedAt);
    world.patch('a', { spec: { suspend: false } });
    await world.playing('a', 'transcribe');
    assert.deepEqual(world.runs('a').map(line), ['1.1 Running 1×: fetch']);
    assert.equal(world.runs('a')[0]?.finishedAt, undefined);
  });

  it('changed while it runs: stopped, and another run', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.playing('a', 'fetch');
    world.patch('a', { spec: { transcription: { language: 'en' } } });
    await world.until(() => world.began.length === 2, 'another begins');
    await world.through('a', ...ALL);
    await world.ready('a');
    assert.deepEqual(world.runs('a').map(line), ['1.1 Stopped: ', '2.1 Succeeded: fetch, transcribe, index']);
  });

  it('are the last ten, and are forgotten with the video, also when it runs at that moment', async (t) => {
    const world = new RuntimeWorld(t);
    const { metadata } = world.add('a');
    for (let retry = 1; retry <= 12; retry++) {
      (await world.playing('a', 'fetch')).fail(new StageError('VideoPrivate', 'It is private.'));
      await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
      world.patch('a', { metadata: { annotations: { [RETRY_ANNOTATION]: String(retry) } } });
      await world.until(() => world.phase('a') !== 'Failed', 'it is tried again');
    }
    await world.playing('a', 'fetch');
    assert.deepEqual(
      world.runs('a').map(({ run }) => run),
      Array.from({ length: 10 }, (_, index) => index + 4),
    );
    world.delete('a');
    await world.through('a', 'purge');
    await world.until(() => world.get('a') === undefined, 'a is gone');
    await world.until(() => world.remembered().length === 0, 'nothing is remembered');
    assert.deepEqual(world.runtime.runsOf(metadata.uid), []);
  });
});
