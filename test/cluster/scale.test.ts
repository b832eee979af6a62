/** Hundreds of videos at once: the caps hold at every moment, the oldest go first, and each costs little. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LoomVideoObject } from '../../controller/kubernetes/objects.ts';
import type { SeenCall } from './support/faultProxy.ts';
import type { Play } from './support/playedJobs.ts';
import { playedWorld } from './support/playedWorld.ts';

const VIDEOS = 200;
const CAP = 5;
/** Of a video that goes well: finalizer, Job and TTL, Events, a status at each step, and what is said while it waits. */
const MOST_REQUESTS = 15;

/** More requests per second than by default: at 50 the test would measure that limit alone. */
const FAST = { KUBE_API_QPS: '500', KUBE_API_BURST: '500' };

/** V8 sizes its heap by the memory of its container: about so where the chart's 256 MB limit it. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=2' };
const MEMORY_LIMIT_MB = 256;

const quick = (): Play => ({ stageMs: 20 });

suite('at scale', () => {
  test(`${VIDEOS} videos, ${CAP} at once, oldest first`, async (t) => {
    const world = await playedWorld(t, quick);
    const names = Array.from({ length: VIDEOS }, (_, i) => `video-${String(i).padStart(3, '0')}`);
    // Half of them wait already when it begins, the others come while it works.
    const [first, second] = [names.slice(0, VIDEOS / 2), names.slice(VIDEOS / 2)];
    for (const name of first) await world.create(name);
    const begun = performance.now();
    const { controller, proxy } = await world.start({
      ...FAST,
      ...SMALL_HEAP,
      MAX_CONCURRENT: String(CAP),
    });
    await world.witness.until('work begins', () => world.witness.jobs.length > 0);
    for (const name of second) await world.create(name);
    await world.witness.until(
      'all are Ready',
      () => names.every((name) => world.witness.phaseOf(name) === 'Ready'),
      120_000,
    );
    const seconds = (performance.now() - begun) / 1000;
    const { jobs, breaks, mostUnfinished } = world.witness;

    assert.equal(breaks, 0, 'every change was seen');
    assert.equal(jobs.length, VIDEOS, 'one Job each');
    assert.equal(mostUnfinished, CAP, 'the cap is reached, and kept at every moment');
    const order = jobs.map(({ video }) => video);
    const early = earliest(order, world.witness.videos);
    // Those that are given their places at the same time are begun side by side.
    assert.ok(early < CAP, `a video went before ${early} older ones`);

    await world.witness.until('all Jobs may go', () =>
      [...world.witness.jobObjects.values()].every(({ spec }) => spec?.ttlSecondsAfterFinished !== undefined),
    );
    const requests = proxy.calls.filter(({ method, path }) => method !== 'GET' || path.includes('/video-'));
    const perVideo = requests.length / VIDEOS;
    t.diagnostic(`${VIDEOS} videos in ${seconds.toFixed(1)} s, ${perVideo.toFixed(1)} requests each`);
    t.diagnostic(tally(proxy.calls));
    const residentMb = await controller.residentMb();
    t.diagnostic(`the controller's memory: ${residentMb} MB`);
    assert.ok(residentMb < MEMORY_LIMIT_MB);
    assert.ok(perVideo <= MOST_REQUESTS, tally(proxy.calls));
    assert.equal(await controller.metric('loomvideo_videos', /phase="Ready"/), VIDEOS);
    assert.equal((await controller.stop()).code, 0);
  });

  test('a full namespace holds up no other', async (t) => {
    const [here, there] = [await playedWorld(t, quick), await playedWorld(t, quick)];
    const names = Array.from({ length: 12 }, (_, i) => `video-${i}`);
    // All of the first namespace's are older.
    for (const name of names) await here.create(name);
    for (const name of names) await there.create(name);
    await here.start({
      ...FAST,
      WATCH_NAMESPACES: `${here.namespace},${there.namespace}`,
      MAX_CONCURRENT: '3',
      MAX_CONCURRENT_PER_NAMESPACE: '2',
    });
    await there.witness.until('the other namespace begins', () => there.witness.jobs.length > 0);
    const before = here.witness.jobs.length;
    for (const { witness } of [here, there])
      await witness.until('all are Ready', () => names.every((name) => witness.phaseOf(name) === 'Ready'));
    assert.deepEqual([here.witness.mostUnfinished, there.witness.mostUnfinished], [2, 2]);
    assert.ok(before <= 3, `${before} of the older ones went first`);
  });
});

/** How many older videos were still to come when one began, at the most. */
function earliest(order: readonly string[], videos: ReadonlyMap<string, LoomVideoObject>): number {
  const age = (name: string): string => `${videos.get(name)?.metadata.creationTimestamp ?? ''} ${name}`;
  return Math.max(
    ...order.map((name, at) => order.slice(at + 1).filter((later) => age(later) < age(name)).length),
  );
}

function tally(calls: readonly SeenCall[]): string {
  const counts = new Map<string, number>();
  for (const { method, path, query } of calls) {
    const [, resource = '?', , status = ''] =
      /\/(loomvideos|jobs|pods|events|leases|namespaces)(\/[^/]+)?(\/status)?$/.exec(path) ?? [];
    const what = `${query.get('watch') === 'true' ? 'WATCH' : method} ${resource}${status}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
}
