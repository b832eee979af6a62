/**
 * Hundreds of videos at once: the caps hold at every moment, the oldest go first, and each costs little. Thousands without
 * a cap: how long it takes is only told, as machines differ. LOOMVIDEO_SCALE says how many (1000).
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loomVideoPath } from '../../controller/kubernetes/paths.ts';
import type { LoomVideoObject } from '../../controller/kubernetes/objects.ts';
import { operatorsRequests, quiet, requestsOf, writesOf } from './support/apiserverRequests.ts';
import type { SeenCall } from './support/faultProxy.ts';
import type { Play } from './support/playedJobs.ts';
import { playedWorld, type PlayedWorld } from './support/playedWorld.ts';

const VIDEOS = 200;
const CAP = 5;
/** Of a video that goes well: finalizer, Job and TTL, Events, a status at each step, and what is said while it waits. */
const MOST_REQUESTS = 12;

/** More requests per second than by default: at 50 the test would measure that limit alone. */
const FAST = { KUBE_API_QPS: '500', KUBE_API_BURST: '500' };

/** What V8 chooses by itself in a container with the chart's limit of 256 MB. */
const LIKE_THE_CHARTS = { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=1' };
const MEMORY_LIMIT_MB = 256;

/** Without a cap. */
const MANY = Number(process.env['LOOMVIDEO_SCALE'] ?? 1000);
/** Who makes and deletes them, side by side. */
const CLIENTS = 8;
/** Of one video from its creation to Ready. */
const MOST_WRITES = 8;
const MOST_RECONCILES = 12;
/** Of the operator, whether it has 1,000 or 5,000 videos; MB. */
const MOST_MEMORY_MB = 200;

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
      ...LIKE_THE_CHARTS,
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
    const residentMb = controller.residentMb();
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

suite('without a cap', () => {
  test(`${MANY} videos at once`, async (t) => {
    const world = await playedWorld(t, quick);
    const { apiserver, witness } = world;
    const controller = await world.startAsInPod({ ...LIKE_THE_CHARTS, MAX_CONCURRENT: '0' });
    await controller.said(/^In sync/);
    const idleMb = controller.residentMb();
    const before = await requestsOf(apiserver);
    const reconciled = await controller.metric('controller_runtime_reconcile_total');
    const names = Array.from({ length: MANY }, (_, i) => `video-${String(i).padStart(5, '0')}`);

    const begun = performance.now();
    const createdAt = await createAll(world, names);
    const isReady = (name: string): boolean => witness.phaseOf(name) === 'Ready';
    await witness.until('all are Ready', all(names, isReady), patienceMs());
    const seconds = (performance.now() - begun) / 1000;
    await quiet(apiserver);
    const requests = operatorsRequests(before, await requestsOf(apiserver), MANY);
    const reconciles = ((await controller.metric('controller_runtime_reconcile_total')) - reconciled) / MANY;
    const endMb = controller.residentMb();
    const toJob = witness.jobs.map(({ video, at }) => at - (createdAt.get(video) ?? Number.NaN));
    t.diagnostic(`${MANY} videos Ready in ${seconds.toFixed(1)} s`);
    t.diagnostic(`from creation to Job: p50 ${quantile(toJob, 0.5)}, p99 ${quantile(toJob, 0.99)}`);
    t.diagnostic(`requests per video: ${list(requests)}`);
    t.diagnostic(`reconciles per video: ${reconciles.toFixed(2)}`);
    const cpuMs = (controller.cpuSeconds() * 1000) / MANY;
    t.diagnostic(`processor time per video: ${cpuMs.toFixed(1)} ms`);
    assert.equal(witness.breaks, 0, 'every change was seen');
    assert.equal(witness.jobs.length, MANY, 'one Job each');
    assert.ok(writesOf(requests) <= MOST_WRITES, list(requests));
    assert.ok(reconciles <= MOST_RECONCILES, `${reconciles} reconciles`);

    await sideBySide(names, (name) => apiserver.remove(loomVideoPath(world.namespace, name)));
    await witness.until('all are gone', () => witness.videos.size === 0, patienceMs());
    await quiet(apiserver);
    const deletedMb = controller.residentMb();
    t.diagnostic(`memory: ${idleMb} MB idle, ${endMb} with ${MANY}, ${deletedMb} when all were deleted`);
    assert.deepEqual(witness.doubles(), []);
    assert.ok(endMb <= MOST_MEMORY_MB && deletedMb <= MOST_MEMORY_MB, `${endMb} MB, ${deletedMb} MB`);
    assert.equal(await controller.metric('loomvideo_videos'), 0);
    assert.equal((await controller.stop()).code, 0);
  });
});

/** Milliseconds that no machine should need. */
function patienceMs(): number {
  return 60_000 + 200 * MANY;
}

/** When each was created, by performance.now(). */
async function createAll(world: PlayedWorld, names: readonly string[]): Promise<Map<string, number>> {
  const createdAt = new Map<string, number>();
  await sideBySide(names, async (name) => {
    await world.create(name);
    createdAt.set(name, performance.now());
  });
  return createdAt;
}

async function sideBySide(names: readonly string[], work: (name: string) => Promise<unknown>): Promise<void> {
  const left = names.values();
  const client = async (): Promise<void> => {
    for (const name of left) await work(name);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** Whether it is so for all of them, where it stays so once it is: asked often, it looks at each but once. */
function all(names: readonly string[], isSo: (name: string) => boolean): () => boolean {
  let at = 0;
  return () => {
    for (let name = names[at]; name !== undefined && isSo(name); name = names[at]) at++;
    return at === names.length;
  };
}

function quantile(values: readonly number[], at: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${((sorted[Math.floor(at * sorted.length)] ?? Number.NaN) / 1000).toFixed(2)} s`;
}

function list(requests: ReadonlyMap<string, number>): string {
  const each = [...requests].map(([what, count]) => `${what} ${count.toFixed(2)}`);
  return `${writesOf(requests).toFixed(2)} writes: ${each.join(', ')}`;
}

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
