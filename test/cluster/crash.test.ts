/** The controller dies at any moment: no attempt has two Jobs, nothing is forgotten, and what is Ready stays so. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../support/seededRandom.ts';
import type { Lease } from '../../controller/kubernetes/lease/leaseRecord.ts';
import { loomVideoPath } from '../../controller/kubernetes/paths.ts';
import { isWatch, type Match, type SeenCall } from './support/faultProxy.ts';
import type { Play } from './support/playedJobs.ts';
import { playedWorld, type PlayedWorld, type Started } from './support/playedWorld.ts';

const SEED = 20_261_124;
const CRASHES = 20;
const CAP = 3;
/** Milliseconds from its first words: it has listed, watched, and brought several videos on by then. */
const LONGEST_LIFE_MS = 1500;

const OOM = { stage: 'transcribe', exitCode: 137, reason: 'OOMKilled' } as const;

/** From the call on, the apiserver has done it and the controller never hears of it. */
interface Fatal {
  readonly what: string;
  readonly match: Match;
  /** The first, unless told. */
  readonly nth?: number;
  /** What makes it call so. */
  readonly cause?: (world: PlayedWorld) => Promise<unknown>;
}

const isCall =
  (method: string, path: RegExp): Match =>
  (call) =>
    call.method === method && path.test(call.path) && !isWatch(call);

const FATAL: readonly Fatal[] = [
  { what: 'the list of LoomVideos', match: isCall('GET', /\/loomvideos$/) },
  { what: 'the list of Jobs', match: isCall('GET', /\/jobs$/) },
  { what: 'the list of pods', match: isCall('GET', /\/pods$/) },
  { what: 'the finalizer', match: isCall('PATCH', /\/loomvideos\/[^/]+$/) },
  { what: 'a Job', match: isCall('POST', /\/jobs$/) },
  ...[1, 2].map((nth) => ({
    what: `status ${nth}`,
    match: isCall('PATCH', /\/status$/),
    nth,
  })),
  { what: 'an Event', match: isCall('POST', /\/events$/) },
  { what: "a Job's TTL", match: isCall('PATCH', /\/jobs\/[^/]+$/) },
  {
    what: 'the end of a Job that is held back',
    match: isCall('DELETE', /\/jobs\/endless-/),
    cause: ({ apiserver, namespace }) =>
      apiserver.patch(loomVideoPath(namespace, 'endless'), { spec: { suspend: true } }),
  },
  {
    what: 'the purge of a deleted video',
    match: isCall('POST', /\/jobs$/),
    cause: ({ apiserver, namespace }) => apiserver.remove(loomVideoPath(namespace, 'deleted')),
  },
  { what: 'the end of a deleted video', match: isCall('PATCH', /\/loomvideos\/deleted$/) },
];

suite('a controller that is killed', () => {
  test(`at ${CRASHES} moments`, async (t) => {
    const random = seededRandom(SEED);
    const world = await playedWorld(t, ({ video, attempt }) => ({
      stageMs: LONGEST_LIFE_MS / 3,
      ...(attempt === 1 && Number(video.slice(-1)) % 2 === 1 && { breaks: OOM }),
    }));
    const { witness } = world;
    const names = Array.from({ length: CRASHES }, (_, i) => `video-${String(i).padStart(2, '0')}`);
    const moments = new Map<string, number>();
    for (const name of names) {
      // It takes longer than the controller has to live, so that there is always something to lose.
      await world.create(name);
      const { controller } = await world.start({ MAX_CONCURRENT: String(CAP) });
      await sleep(random() * LONGEST_LIFE_MS);
      assert.equal((await controller.kill()).signal, 'SIGKILL');
      const phases = [...witness.videos.values()].map(({ status }) => status?.phase ?? 'new');
      for (const phase of phases) moments.set(phase, (moments.get(phase) ?? 0) + 1);
      assert.ok(phases.some((phase) => phase !== 'Ready'));
    }
    t.diagnostic(`videos at the moments of the crashes: ${JSON.stringify(Object.fromEntries(moments))}`);
    const { controller } = await world.start({ MAX_CONCURRENT: String(CAP) });
    await witness.until(
      'all are Ready',
      () => names.every((name) => witness.phaseOf(name) === 'Ready'),
      60_000,
    );
    await controller.stop();

    assert.equal(witness.breaks, 0, 'every change was seen');
    assert.deepEqual(witness.doubles(), []);
    assert.equal(witness.jobs.length, CRASHES * 1.5, 'one Job each, and one more after each OOM kill');
    assert.ok(witness.mostUnfinished <= CAP, `${witness.mostUnfinished} Jobs at once`);
    assertNeverBack(witness.phases);
  });

  test('right after each kind of call', async (t) => {
    const never = new Promise(() => undefined);
    const world = await playedWorld(t, ({ video }): Play => ({
      stageMs: 50,
      ...(video === 'endless' && { until: never }),
    }));
    const { witness } = world;
    await world.create('endless');
    await world.create('deleted');
    const before = await world.start({ MAX_CONCURRENT: '0' });
    await witness.until('there is something to lose', () => witness.phaseOf('deleted') === 'Ready');
    await world.player.reached('endless', 1, 'staged');
    await before.controller.kill();

    const names = FATAL.map((_, i) => `video-${String(i).padStart(2, '0')}`);
    for (const [i, { what, match, nth = 1, cause }] of FATAL.entries()) {
      await world.create(names[i] ?? '');
      await cause?.(world);
      const proxy = await world.proxy();
      const dead = Promise.withResolvers<void>();
      let left = nth;
      proxy.loseAnswer(
        (call) => match(call) && --left === 0,
        () => dead.resolve(),
      );
      const { controller } = await world.start({ MAX_CONCURRENT: '0' }, proxy);
      await Promise.race([
        dead.promise,
        sleep(15_000, undefined, { ref: false }).then(() => assert.fail(`it never called: ${what}`)),
      ]);
      assert.equal((await controller.kill()).signal, 'SIGKILL');
    }
    const { controller } = await world.start({ MAX_CONCURRENT: '0' });
    await witness.until('all are Ready', () => names.every((name) => witness.phaseOf(name) === 'Ready'));
    await witness.until('the deleted one is gone', () => !witness.videos.has('deleted'));
    await controller.stop();

    assert.equal(witness.breaks, 0, 'every change was seen');
    assert.deepEqual(witness.doubles(), []);
    assert.equal(witness.jobs.filter(({ purge }) => !purge).length, names.length + 2);
    assert.equal(witness.jobs.filter(({ purge }) => purge).length, 1);
    assert.equal(witness.phaseOf('endless'), 'Suspended');
    assertNeverBack(witness.phases);
  });
});

suite('two replicas', { concurrency: true }, () => {
  test('the leader is killed', async (t) => {
    const world = await playedWorld(t, quick);
    const [leader, other] = await replicas(world);
    const begun = performance.now();
    await leader.controller.kill();
    await world.create('after');
    const led = await leads(other, begun);
    await world.witness.until('the other works', () => world.witness.phaseOf('after') === 'Ready');
    t.diagnostic(`taken over after ${seconds(led)} of a kill`);
    assert.ok(led < 20_000, `${led} ms`);
  });

  test('the leader is told to end', async (t) => {
    const world = await playedWorld(t, () => ({ stageMs: 1000 }));
    const [leader, other] = await replicas(world);
    await world.create('under-way');
    await world.player.reached('under-way', 1, 'begun');
    const begun = performance.now();
    leader.controller.signal('SIGTERM');
    const led = await leads(other, begun);
    assert.equal((await leader.controller.exited).code, 0);
    t.diagnostic(`taken over after ${seconds(led)} of a SIGTERM`);
    assert.ok(led < 5000, `${led} ms`);
    await world.witness.until('Ready', () => world.witness.phaseOf('under-way') === 'Ready');
    assert.equal(world.witness.jobs.length, 1);
    assert.equal((await other.controller.stop()).code, 0);
    assert.equal((await readLease(world)).spec?.holderIdentity, '', 'given back');
  });

  test('the Lease is moved by hand', async (t) => {
    const world = await playedWorld(t, quick);
    const [leader, other] = await replicas(world);
    const begun = performance.now();
    const now = new Date().toISOString().replace('Z', '000Z');
    await world.apiserver.patch(leasePath(world), {
      spec: { holderIdentity: 'somebody-else', acquireTime: now, renewTime: now },
    });
    assert.equal((await leader.controller.exited).code, 1);
    const ended = performance.now() - begun;
    await world.create('meanwhile');
    const led = await leads(other, begun);
    assert.deepEqual(
      writes(other.proxy.calls, begun, begun + led),
      [],
      'nobody works while a stranger leads',
    );
    await world.witness.until('the other works', () => world.witness.phaseOf('meanwhile') === 'Ready');
    t.diagnostic(`ended ${seconds(ended)} after the Lease was taken away; led again after ${seconds(led)}`);
    assert.ok(ended < 5000, `${ended} ms`);
    assert.ok(led > 14_000 && led < 25_000, `${led} ms`);
  });

  for (const { how, blind, see } of [
    {
      how: 'reaches all but the Lease',
      blind: ({ proxy }: Started) => void proxy.hold(({ path }) => path.includes('/leases')),
      see: () => undefined,
    },
    {
      how: 'sleeps, and wakes up',
      blind: ({ controller }: Started) => controller.signal('SIGSTOP'),
      see: ({ controller }: Started) => controller.signal('SIGCONT'),
    },
  ])
    test(`a leader that ${how} acts no more once another does`, async (t) => {
      const world = await playedWorld(t, () => ({ stageMs: 200 }));
      const [leader, other] = await replicas(world);
      let made = 0;
      const more = setInterval(() => void world.create(`video-${made++}`), 500);
      t.after(() => clearInterval(more));
      await world.player.reached('video-1', 1, 'begun');
      const begun = performance.now();
      blind(leader);
      const led = await leads(other, begun);
      see(leader);
      assert.equal((await leader.controller.exited).code, 1);
      clearInterval(more);
      const late = writes(leader.proxy.calls, begun + led, performance.now());
      await world.witness.until('all are Ready', () =>
        Array.from({ length: made }, (_, i) => `video-${i}`).every(
          (name) => world.witness.phaseOf(name) === 'Ready',
        ),
      );
      t.diagnostic(`${how}: another led after ${seconds(led)}; late calls of the old leader: ${late.length}`);
      assert.ok(led < 20_000, `${led} ms`);
      assert.deepEqual(late, []);
      assert.equal(world.witness.jobs.length, made);
      assert.deepEqual(world.witness.doubles(), []);
      assertNeverBack(world.witness.phases);
    });
});

const quick = (): Play => ({ stageMs: 20 });

/** One that leads, and one that stands by. */
async function replicas(world: PlayedWorld): Promise<readonly [leader: Started, other: Started]> {
  const start = (name: string) => world.start({ LEADER_ELECTION: 'on', POD_NAME: name });
  const leader = await start('first');
  await leader.controller.said(/^In sync/);
  const other = await start('second');
  await other.controller.said(/^Waiting to lead/);
  // It has to have seen the Lease for its term to be counted from now on.
  while (!other.proxy.calls.some(({ path }) => path.includes('/leases'))) await sleep(20);
  return [leader, other];
}

/** Milliseconds since `begun` when it leads. */
async function leads({ controller }: Started, begun: number): Promise<number> {
  await controller.said(/^Leading/, 30_000);
  return performance.now() - begun;
}

const leasePath = ({ namespace }: PlayedWorld): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/loomvideo-operator`;
const readLease = (world: PlayedWorld): Promise<Lease> => world.apiserver.read<Lease>(leasePath(world));

/** What was changed but the Lease, between two times. */
function writes(calls: readonly SeenCall[], from: number, to: number): string[] {
  return calls
    .filter(({ method, path, at }) => method !== 'GET' && !path.includes('/leases') && at > from && at < to)
    .map(({ method, path }) => `${method} ${path}`);
}

function assertNeverBack(phases: ReadonlyMap<string, readonly string[]>): void {
  for (const [name, seen] of phases) {
    const after = seen.slice(seen.indexOf('Ready') + 1);
    if (seen.includes('Ready'))
      assert.ok(
        after.every((phase) => phase === 'Deleting'),
        `${name}: ${seen.join(', ')}`,
      );
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
