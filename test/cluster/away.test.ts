/** The controller is away while the world goes on: back again, it does what was missed, and nothing twice. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { jobPath, jobsPath, loomVideoPath, podsPath } from '../../controller/kubernetes/paths.ts';
import { isWatch, type FaultProxy, type SeenCall } from './support/faultProxy.ts';
import { playedWorld, type PlayedWorld, type Started } from './support/playedWorld.ts';

const HOUR_MS = 3_600_000;
const MEANWHILE = ['completes', 'edited-early', 'loses-its-job'];

suite('a controller that was away', () => {
  test('does what was missed, and nothing twice', async (t) => {
    const back = Promise.withResolvers<void>();
    const world = await playedWorld(t, ({ video, attempt }) => ({
      stageMs: 20,
      ...(video === 'failed' && { breaks: { stage: 'fetch', exitCode: 10, reason: 'Error' } }),
      ...(MEANWHILE.includes(video) && attempt === 1 && { until: back.promise }),
    }));
    const { apiserver, namespace, witness } = world;
    const edit = (name: string, spec: object) => apiserver.patch(loomVideoPath(namespace, name), { spec });
    const jobsOf = (name: string) => witness.jobs.filter(({ video, purge }) => video === name && !purge);
    const versionsOf = (names: readonly string[]) =>
      names.map((name) => `${name} ${witness.videos.get(name)?.metadata.resourceVersion}`);

    const first = await world.start({ MAX_CONCURRENT: '0' });
    for (const name of ['done', 'collected', 'tuned', 'edited', 'deleted', 'failed', ...MEANWHILE])
      await world.create(name);
    await witness.until('some are done', () =>
      ['done', 'collected', 'tuned', 'edited', 'deleted'].every((name) => witness.phaseOf(name) === 'Ready'),
    );
    await witness.until('one has failed', () => witness.phaseOf('failed') === 'Failed');
    for (const name of MEANWHILE) await world.player.reached(name, 1, 'staged');
    await settled(world, first);
    assert.equal((await first.controller.stop()).code, 0);

    const untouched = ['done', 'collected', 'failed'];
    const before = { versions: versionsOf(untouched), jobs: witness.jobs.length };
    // Its outcome is recorded, so its time comes (ttlSecondsAfterFinished).
    await apiserver.remove(jobPath(namespace, jobsOf('collected')[0]?.name ?? ''));
    await apiserver.remove(jobPath(namespace, jobsOf('loses-its-job')[0]?.name ?? ''));
    await edit('tuned', { maxAttempts: 7, deletionPolicy: 'Retain' });
    await edit('edited', { transcription: { language: 'fr' } });
    await edit('edited-early', { transcription: { language: 'de' } });
    await apiserver.remove(loomVideoPath(namespace, 'deleted'));
    back.resolve();
    await witness.until(
      'Jobs complete with nobody there',
      () => isComplete('completes') && isComplete('edited-early'),
    );
    await apiserver.remove(`${podsPath(namespace)}/${jobsOf('completes')[0]?.name}-x`);
    function isComplete(name: string): boolean {
      const job = witness.jobObjects.get(jobsOf(name)[0]?.name ?? '');
      return job?.status?.conditions?.some(({ type }) => type === 'Complete') ?? false;
    }

    const second = await world.start({ MAX_CONCURRENT: '0' });
    await witness.until('what was missed is done', () =>
      ['completes', 'edited', 'edited-early', 'loses-its-job'].every((name) => {
        const { status, metadata } = witness.videos.get(name) ?? {};
        return status?.phase === 'Ready' && status.observedGeneration === metadata?.generation;
      }),
    );
    await witness.until('the deleted one is gone', () => !witness.videos.has('deleted'));
    await witness.until('an edit without effect is seen', () => {
      const { status, metadata } = witness.videos.get('tuned') ?? {};
      return status?.observedGeneration === metadata?.generation;
    });
    await settled(world, second);
    assert.deepEqual(versionsOf(untouched), before.versions);
    assert.deepEqual(
      witness.jobs
        .slice(before.jobs)
        .map(({ video, purge }) => `${video}${purge ? ' purge' : ''}`)
        .sort(),
      // What was running for the old spec is done again for the new; so is what was lost with its outcome.
      ['deleted purge', 'edited', 'edited-early', 'loses-its-job'],
    );
    assert.deepEqual(witness.doubles(), []);
    assert.equal(witness.videos.get('completes')?.status?.attempts, 1);
    assert.equal(witness.videos.get('edited')?.status?.ledger?.run, 2);
    assert.equal((await second.controller.stop()).code, 0);

    const third = await world.start({ MAX_CONCURRENT: '0' });
    await settled(world, third);
    assert.deepEqual(writes(third.proxy), [], 'where nothing happened, nothing is written');
    const { items } = await apiserver.read<{ items: unknown[] }>(jobsPath(namespace));
    t.diagnostic(`${items.length} Jobs, a start costs ${third.proxy.calls.length} requests`);
  });

  test('judges nothing by the clocks of nodes', async (t) => {
    const clocks: Readonly<Record<string, number>> = { ahead: HOUR_MS, behind: -HOUR_MS };
    const world = await playedWorld(t, ({ video, attempt }) => ({
      stageMs: 20,
      clockMs: clocks[video] ?? 0,
      ...(attempt === 1 && { breaks: { stage: 'transcribe', exitCode: 137, reason: 'OOMKilled' } }),
    }));
    for (const name of Object.keys(clocks)) await world.create(name);
    const first = await world.start();
    await world.witness.until('both are Ready', () =>
      Object.keys(clocks).every((name) => world.witness.phaseOf(name) === 'Ready'),
    );
    await settled(world, first);
    await first.controller.stop();
    const second = await world.start();
    await settled(world, second);
    assert.deepEqual(writes(second.proxy), []);
    assert.equal(world.witness.jobs.length, 4, 'one more attempt each, for want of memory');
    for (const name of Object.keys(clocks)) {
      const { startedAt = '', finishedAt = '', timings } = world.witness.videos.get(name)?.status ?? {};
      assert.ok(Date.parse(startedAt) <= Date.parse(finishedAt), `${name}: ${startedAt} to ${finishedAt}`);
      assert.ok(Math.abs(Date.now() - Date.parse(finishedAt)) < 60_000, finishedAt);
      assert.ok((timings?.totalSeconds ?? -1) >= 0);
    }
  });
});

/** Resolves when the controller knows all, has nothing to do, and the watches have brought what it did. */
async function settled({ witness }: PlayedWorld, { controller, proxy }: Started): Promise<void> {
  await controller.said(/^In sync/);
  await witness.until('finished Jobs may go', () =>
    [...witness.jobObjects.values()].every(
      ({ status, spec }) => !status?.conditions?.length || spec?.ttlSecondsAfterFinished !== undefined,
    ),
  );
  // Nothing tells that it rests: it has when it has had time to do something and did not.
  for (let quiet = 0, before = -1; quiet < 5; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const busy = proxy.calls.length !== before || (await controller.metric('workqueue_depth')) > 0;
    before = proxy.calls.length;
    if (busy) quiet = 0;
  }
}

function writes({ calls }: FaultProxy): string[] {
  return calls
    .filter((call: SeenCall) => !isWatch(call) && call.method !== 'GET')
    .map(({ method, path }) => `${method} ${path}`);
}
