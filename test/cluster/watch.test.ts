/** The controller's watches break in every way they can: what happens meanwhile is seen within its bound. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isWatch, type FaultProxy } from './support/faultProxy.ts';
import { playedWorld, type PlayedWorld, type Started } from './support/playedWorld.ts';

/** A watch that breaks loudly is begun anew, and what was missed is seen, within this time; milliseconds. */
const LOUD_MS = 5000;
/** The same, where the apiserver itself has to catch up first: it answers 429 for a second or so. */
const RESTARTED_MS = 10_000;
/** One that brings nothing more, and says nothing. */
const SILENT_MS = 90_000;

const quick = () => ({ stageMs: 20 });
const RESOURCES = ['loomvideos', 'jobs', 'pods'];

suite('a watch that', { concurrency: true }, () => {
  for (const { what, cause, fault } of [
    { what: 'breaks', cause: 'cut', fault: (proxy: FaultProxy) => proxy.cutWatches() },
    {
      what: 'is refused with HTTP 410',
      cause: 'expired',
      fault(proxy: FaultProxy) {
        proxy.expireWatches('status');
        proxy.cutWatches();
      },
    },
    {
      what: 'is answered with an event of 410',
      cause: 'expired',
      fault(proxy: FaultProxy) {
        proxy.expireWatches('event');
        proxy.cutWatches();
      },
    },
  ])
    test(`${what} is begun anew within ${LOUD_MS / 1000} s`, async (t) => {
      const world = await playedWorld(t, quick);
      const started = await works(world);
      const lists = await started.controller.metric('loomvideo_watch_lists_total');
      fault(started.proxy);
      const seenAfter = await seenFrom(world, 'meanwhile', LOUD_MS);
      t.diagnostic(`${what}: acted upon after ${seenAfter} ms`);
      await world.witness.until('Ready', () => world.witness.phaseOf('meanwhile') === 'Ready');
      for (const resource of RESOURCES)
        assert.equal(await reconnects(started, resource, cause), 1, `${resource}, ${cause}`);
      const listed = (await started.controller.metric('loomvideo_watch_lists_total')) - lists;
      // A revision that is still known is watched on from: nothing is listed again.
      assert.equal(listed, cause === 'expired' ? RESOURCES.length : 0);
      await works(world, started);
    });

  test(`goes silent is given up within ${SILENT_MS / 1000} s`, async (t) => {
    const world = await playedWorld(t, quick);
    const started = await works(world);
    started.proxy.stallWatches();
    const seenAfter = await seenFrom(world, 'meanwhile', SILENT_MS);
    t.diagnostic(`goes silent: acted upon after ${(seenAfter / 1000).toFixed(1)} s`);
    await world.witness.until('Ready', () => world.witness.phaseOf('meanwhile') === 'Ready');
    for (const resource of RESOURCES)
      assert.ok((await reconnects(started, resource, 'silent')) >= 1, resource);
    assert.equal((await started.controller.get('/healthz')).status, 200);
    await works(world, started);
  });

  test('cannot be mended makes the controller unwell, until it is', async (t) => {
    const world = await playedWorld(t, quick);
    const started = await works(world);
    started.proxy.stallWatches();
    const release = started.proxy.hold((call) => isWatch(call) || call.query.has('limit'));
    const deaf = RESOURCES.map((resource) => `nothing heard of ${resource} for \\d+ s\n`).join('');
    await health(started, new RegExp(`^503 ${deaf}$`), 110_000);
    assert.ok((await started.controller.metric('loomvideo_watch_age_seconds', /"jobs"/)) > 90);
    await world.create('meanwhile');
    release();
    const begun = performance.now();
    await health(started, /^200 ok/, 15_000);
    await world.witness.until('Ready', () => world.witness.phaseOf('meanwhile') === 'Ready');
    t.diagnostic(
      `well again ${((performance.now() - begun) / 1000).toFixed(1)} s after the apiserver answered`,
    );
  });
});

suite('an apiserver that is restarted', () => {
  test(`is watched again within ${RESTARTED_MS / 1000} s of its return`, async (t) => {
    const world = await playedWorld(t, quick);
    if (!world.cluster.booted)
      return t.skip('the API server of a cluster given by KUBECONFIG is not ours to kill');
    const started = await works(world);
    await world.cluster.restartApiserver(3000);
    const seenAfter = await seenFrom(world, 'meanwhile', RESTARTED_MS);
    t.diagnostic(`restarted: acted upon ${seenAfter} ms after it was ready`);
    await world.witness.until('Ready', () => world.witness.phaseOf('meanwhile') === 'Ready');
    assert.equal((await started.controller.get('/healthz')).status, 200);
    assert.ok(
      (await started.controller.metric('loomvideo_watch_reconnects_total', /cause="(cut|error)"/)) >= 3,
    );
    assert.deepEqual(world.witness.doubles(), []);
  });
});

/** A controller that has shown that it works. */
async function works(world: PlayedWorld, started?: Started): Promise<Started> {
  const name = started ? 'afterwards' : 'before';
  const working = started ?? (await world.start());
  await world.create(name);
  await world.witness.until(`it works ${name}`, () => world.witness.phaseOf(name) === 'Ready');
  return working;
}

/** Creates a video; milliseconds until its Job is made. Rejects after `ms`. */
async function seenFrom(world: PlayedWorld, name: string, ms: number): Promise<number> {
  const { witness } = world;
  const begun = performance.now();
  await world.create(name);
  await witness.until(`${name} is acted upon`, () => witness.jobs.some(({ video }) => video === name), ms);
  return Math.round(performance.now() - begun);
}

async function reconnects({ controller }: Started, resource: string, cause: string): Promise<number> {
  return controller.metric(
    'loomvideo_watch_reconnects_total',
    new RegExp(`\\{resource="${resource}",cause="${cause}"\\}`),
  );
}

/** Asked as a kubelet would, but twice a second. */
async function health({ controller }: Started, wanted: RegExp, ms: number): Promise<void> {
  const end = performance.now() + ms;
  for (let said = ''; !wanted.test(said);) {
    if (performance.now() > end) assert.fail(`/healthz said for ${ms} ms not ${wanted} but: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { status, text } = await controller.get('/healthz');
    said = `${status} ${text}`;
  }
}
