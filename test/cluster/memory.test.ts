/** A video that needs more memory than it was given: what ends its attempt, and what the next one gets. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Fault } from '../support/loom/video.ts';
import { CleanUp } from './support/cleanUp.ts';
import { openWorld, type World } from './support/world.ts';

/** MB: `fetch` stays below it with its guard, `transcribe` does not. */
const LIMIT_MB = 155;
/** For the guard to be quicker than the kernel. */
const TRIES = 4;

const memory = { limit: `${LIMIT_MB}Mi`, max: '600Mi', factor: '2' };

suite('a limit that only transcription exceeds', () => {
  const cleanUp = new CleanUp();
  let world: World;
  before(async () => {
    world = await openWorld(cleanUp);
  });
  after(() => cleanUp.run());

  test('the guard ends it before the kernel would; the next attempt has more', async (t) => {
    // On a machine that is busy with other things the kernel may see it first: both are right, and one is wanted here.
    for (let tried = 1; ; tried++) {
      const name = `guarded-${tried}`;
      await world.create(name, { memory });
      const failed = await world.until(
        name,
        'an attempt failed',
        ({ status }) => status?.lastError !== undefined,
      );
      const { lastError, conditions } = failed.status ?? {};
      const stable = conditions?.find(({ type }) => type === 'MemoryStable');
      await world.reaches(name, 'Ready');
      await hadMemory(world, name, [LIMIT_MB, 2 * LIMIT_MB]);
      assert.equal(lastError?.stage, 'transcribe');
      if (lastError.reason === 'TranscribeOOMKilled' && tried < TRIES) {
        t.diagnostic('the kernel was quicker than the guard');
        continue;
      }
      assert.equal(lastError.reason, 'MemoryLimitExceeded');
      assert.deepEqual([stable?.status, stable?.reason], ['False', 'MemoryLimitExceeded']);
      return;
    }
  });

  test('the kernel ends it where there is no guard: it is told of its stage', async (t) => {
    const values = { job: { env: [{ name: 'MEMORY_GUARD', value: 'off' }] } };
    const unguarded = await openWorld(t, { standIns: world.standIns, values });
    await unguarded.create('killed', { memory });
    const { status } = await unguarded.until(
      'killed',
      'an attempt failed',
      (video) => video.status?.lastError !== undefined,
    );
    assert.deepEqual(
      [status?.lastError?.stage, status?.lastError?.reason],
      ['transcribe', 'TranscribeOOMKilled'],
    );
    const [attempt] = unguarded.jobsOf('killed');
    assert.ok(attempt);
    await unguarded.reaches('killed', 'Ready');
    await hadMemory(unguarded, 'killed', [LIMIT_MB, 2 * LIMIT_MB]);
    t.diagnostic(`peak ${status?.memory?.peakMb} MB before it was killed`);
    const events = await unguarded.kubectl('describe', 'loomvideo', 'killed');
    assert.match(events, /Warning +TranscribeOOMKilled/);
  });

  test('what it got it keeps, whatever else fails or is edited in the same run', async () => {
    const faults: Fault[] = [];
    await world.create('unlucky', { memory, url: await world.link({ faults }) });
    const since = (...reasons: readonly string[]) =>
      world.until('unlucky', `failed: ${reasons.join(' or ')}`, ({ status }) =>
        reasons.includes(status?.lastError?.reason ?? ''),
      );
    await since('MemoryLimitExceeded', 'TranscribeOOMKilled');
    faults.push({ on: 'graphql', status: 503 });
    await world.patch('unlucky', { spec: { maxAttempts: 5 } });
    await since('LoomUnavailable');
    faults.length = 0;
    await world.reaches('unlucky', 'Ready');
    await hadMemory(world, 'unlucky', [LIMIT_MB, 2 * LIMIT_MB, 2 * LIMIT_MB]);
  });
});

/** The attempts of a video that is Ready, by the memory they had: in MB, of the Jobs, and of the last in the status. */
async function hadMemory(world: World, name: string, expected: readonly number[]): Promise<void> {
  const { status } = await world.reaches(name, 'Ready');
  assert.equal(status?.attempts, expected.length);
  assert.equal(status.memory?.limitMb, expected.at(-1));
  assert.equal(status.lastError, undefined);
  const stable = status.conditions?.find(({ type }) => type === 'MemoryStable');
  assert.equal(stable?.status, 'True');
  const limits = await world.kubectl(
    'get',
    'jobs',
    `--selector=qudemo.dev/video-uid=${world.seen.videos.get(name)?.metadata.uid}`,
    '--sort-by=.metadata.labels.qudemo\\.dev/attempt',
    String.raw`--output=jsonpath={range .items[*]}{.spec.template.spec.initContainers[1].resources.limits.memory}{"\n"}{end}`,
  );
  assert.deepEqual(
    limits.split('\n').filter((line) => line !== ''),
    expected.map((megabytes) => `${megabytes}Mi`),
  );
}
