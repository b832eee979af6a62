import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FINALIZER, RETRY_ANNOTATION } from '../../../controller/reconcile/names.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { readyOf, RuntimeWorld } from './runtimeWorld.ts';

const ALL = ['fetch', 'transcribe', 'index'] as const;
const ofVideo = (name: string): string[] => ALL.map((stage) => `${name} ${stage}`);

describe('the runtime of Render mode', () => {
  it('takes a video through its stages to Ready, and remembers no attempt of it', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    await world.through('a', ...ALL);
    await world.ready('a');
    const { status, metadata } = world.get('a') ?? {};
    assert.deepEqual(metadata?.finalizers, [FINALIZER]);
    assert.equal(status?.attempts, 1);
    assert.equal(status.video?.title, 'A demo');
    assert.equal(status.index?.passages, 2);
    assert.equal(status.memory?.limitMb, 400);
    assert.deepEqual(
      status.conditions?.map(({ type, status: value }) => `${type}=${value}`),
      [...['Downloaded', 'Validated', 'Transcribed', 'Embedded', 'CleanedUp', 'MemoryStable'], 'Ready'].map(
        (type) => `${type}=True`,
      ),
    );
    assert.deepEqual(world.remembered(), []);
    assert.deepEqual(world.began, ofVideo('a'));
    const reasons = world.resources.events.list({ video: 'a' }).map(({ reason }) => reason);
    assert.deepEqual(reasons, ['Starting', 'Running', 'Completed']);
  });

  it('works on one video at a time, in the order in which they came, not by name', async (t) => {
    const world = new RuntimeWorld(t);
    for (const name of ['c', 'a', 'b']) world.add(name);
    await world.playing('c', 'fetch');
    await world.until(() => world.phase('b') === 'Queued', 'b is Queued');
    assert.match(readyOf(world.get('b'))?.message ?? '', /1 older video goes first \(at most 1 at once\)/);
    for (const name of ['c', 'a', 'b']) {
      await world.through(name, ...ALL);
      await world.ready(name);
    }
    assert.deepEqual(world.began, ['c', 'a', 'b'].flatMap(ofVideo));
  });

  it('keeps that order over a kill', async (t) => {
    const world = new RuntimeWorld(t);
    for (const name of ['c', 'b', 'a']) world.add(name);
    await world.playing('c', 'fetch');
    await world.kill();
    for (const name of ['c', 'b', 'a']) await world.through(name, ...ALL);
    await world.ready('a');
    assert.deepEqual(world.began, ['c fetch', ...['c', 'b', 'a'].flatMap(ofVideo)]);
  });

  it('tells how far the video is that it works on', async (t) => {
    const world = new RuntimeWorld(t);
    const told: unknown[] = [];
    world.board.subscribe(({ name }, progress) => told.push([name, progress?.stage, progress?.percent]));
    world.add('a');
    const key = { namespace: 'default', name: 'a' };
    const fetch = await world.playing('a', 'fetch');
    fetch.context.onProgress({ stage: 'fetch', percent: 40 });
    assert.deepEqual(world.board.of(key), {
      stage: 'fetch',
      percent: 40,
      memoryMb: 100,
      limitMb: 400,
    });
    fetch.succeed();
    await world.playing('a', 'transcribe');
    assert.equal(world.board.of(key)?.percent, undefined);
    await world.through('a', 'transcribe', 'index');
    await world.ready('a');
    assert.equal(world.board.of(key), undefined);
    assert.deepEqual(told.at(-1), ['a', undefined, undefined]);
  });

  it('tries again after a wait, going on from what is finished, as often as spec.maxAttempts', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a', { maxAttempts: 2 });
    world.add('b');
    await world.through('a', 'fetch');
    (await world.playing('a', 'transcribe')).fail(new StageError('TranscriptionFailed', 'It broke.'));
    await world.until(() => world.phase('a') === 'Retrying', 'a is Retrying');
    await world.playing('b', 'fetch');
    t.mock.timers.tick(10_000);
    await world.until(() => world.phase('a') === 'Queued', 'a waits for b');
    await world.through('b', ...ALL);
    (await world.playing('a', 'transcribe')).fail(new StageError('TranscriptionFailed', 'It broke.'));
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    assert.equal(world.get('a')?.status?.lastError?.reason, 'TranscriptionFailed');
    assert.deepEqual(
      world.began.filter((stage) => stage.startsWith('a')),
      ['a fetch', 'a transcribe', 'a transcribe'],
    );
    assert.deepEqual(world.remembered(), []);
    world.patch('a', { metadata: { annotations: { [RETRY_ANNOTATION]: 'please' } } });
    await world.through('a', 'transcribe', 'index');
    await world.ready('a');
  });

  it('does not try again what no time heals', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a');
    (await world.playing('a', 'fetch')).fail(new StageError('VideoPrivate', 'It is private.'));
    await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
    t.mock.timers.tick(3_600_000);
    await world.quiet();
    assert.deepEqual(world.began, ['a fetch']);
  });

  it('fails what is not done within spec.timeout, to be tried again', async (t) => {
    const world = new RuntimeWorld(t);
    world.add('a', { timeout: '10m' });
    await world.playing('a', 'fetch');
    t.mock.timers.tick(600_000);
    await world.until(() => world.phase('a') === 'Retrying', 'a is Retrying');
    assert.equal(world.get('a')?.status?.lastError?.reason, 'DeadlineExceeded');
  });

  describe('memory', () => {
    it('gives the next attempt more after a failure for want of it, and never more than the instance has', async (t) => {
      const world = new RuntimeWorld(t, { limitMb: 500 });
      world.add('a', { memory: { limit: '400Mi', max: '800Mi', factor: '1.5' } });
      for (const limitMb of [400, 500]) {
        await world.until(
          () => world.board.of({ namespace: 'default', name: 'a' })?.limitMb === limitMb,
          `an attempt with ${limitMb} MB`,
        );
        (await world.playing('a', 'fetch')).fail(new StageError('MemoryLimitExceeded', 'Too much.'));
      }
      await world.until(() => world.phase('a') === 'Failed', 'a is Failed');
      assert.match(readyOf(world.get('a'))?.message ?? '', /^Too much\. It had 500 MB/);
      assert.equal(world.get('a')?.status?.attempts, 2);
    });

    it('runs a video that asks for more than the instance has with what there is', async (t) => {
      const world = new RuntimeWorld(t, { limitMb: 300 });
      world.add('a');
      await world.through('a', ...ALL);
      await world.ready('a');
      assert.equal(world.get('a')?.status?.memory?.limitMb, 300);
    });
  });

  describe('a changed declaration', () => {
    it('suspended while it runs: the stage ends, others go on, and resumed it goes on itself', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      world.add('b');
      await world.through('a', 'fetch');
      const { context } = await world.playing('a', 'transcribe');
      world.patch('a', { spec: { suspend: true } });
      await world.until(() => world.phase('a') === 'Suspended', 'a is Suspended');
      assert.ok(context.signal.aborted);
      await world.through('b', ...ALL);
      await world.ready('b');
      world.patch('a', { spec: { suspend: false } });
      await world.through('a', 'transcribe', 'index');
      await world.ready('a');
      assert.equal(world.get('a')?.status?.attempts, 1);
    });

    it('changed while it runs: ends that attempt, then begins another run', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      const { context } = await world.playing('a', 'fetch');
      world.patch('a', { spec: { transcription: { language: 'en' } } });
      await world.until(() => context.signal.aborted, 'the first attempt is stopped');
      await world.until(() => world.began.length === 2, 'another begins');
      assert.equal((await world.playing('a', 'fetch')).context.job.spec.transcription.language, 'en');
      await world.through('a', ...ALL);
      await world.ready('a');
      assert.equal(world.get('a')?.status?.ledger?.run, 2);
    });
  });

  describe('deletion', () => {
    it('purges what was stored, then the object goes and nothing of it is remembered', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      await world.through('a', ...ALL);
      await world.ready('a');
      world.delete('a');
      const purge = await world.playing('a', 'purge');
      assert.equal(purge.context.job.owner.key, 'render.default.a');
      assert.equal(world.phase('a'), 'Deleting');
      purge.succeed();
      await world.until(() => world.get('a') === undefined, 'a is gone');
      await world.until(() => world.remembered().length === 0, 'nothing is remembered');
    });

    it('while it runs: the stage is ended first, and the next video begins', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      world.add('b');
      const { context } = await world.playing('a', 'fetch');
      world.delete('a');
      await world.through('a', 'purge');
      assert.ok(context.signal.aborted);
      await world.until(() => world.get('a') === undefined, 'a is gone');
      await world.playing('b', 'fetch');
    });

    it('of a video that waits: it goes without a purge', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      world.add('b');
      await world.playing('a', 'fetch');
      await world.until(() => world.phase('b') === 'Queued', 'b is Queued');
      world.delete('b');
      await world.until(() => world.get('b') === undefined, 'b is gone');
      assert.deepEqual(world.began, ['a fetch']);
    });

    it('purges while another video is worked on, and again after a failure', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      await world.through('a', ...ALL);
      await world.ready('a');
      world.add('b');
      await world.playing('b', 'fetch');
      world.delete('a');
      (await world.playing('a', 'purge')).fail(new StageError('StoreUnavailable', 'No answer.'));
      await world.until(() => readyOf(world.get('a'))?.reason === 'StoreUnavailable', 'a says why');
      t.mock.timers.tick(10_000);
      await world.through('a', 'purge');
      await world.until(() => world.get('a') === undefined, 'a is gone');
      await world.until(() => world.remembered().join() === 'b process running', 'only b is remembered');
    });

    it('made anew under its name at once: the new one is another video', async (t) => {
      const world = new RuntimeWorld(t);
      const { metadata } = world.add('a');
      await world.playing('a', 'fetch');
      world.delete('a');
      await world.through('a', 'purge');
      await world.until(() => world.get('a') === undefined, 'a is gone');
      const again = world.add('a');
      assert.notEqual(again.metadata.uid, metadata.uid);
      assert.equal((await world.playing('a', 'fetch')).context.job.owner.uid, again.metadata.uid);
    });

    it('with its finalizer taken away by force: what runs for it is ended', async (t) => {
      const world = new RuntimeWorld(t);
      world.add('a');
      const { context } = await world.playing('a', 'fetch');
      world.patch('a', { metadata: { finalizers: null } });
      world.delete('a');
      await world.until(() => context.signal.aborted, 'the stage is ended');
      await world.until(() => world.remembered().length === 0, 'nothing is remembered');
    });
  });
});
