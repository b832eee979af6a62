import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import { LeadershipLost } from '../../../controller/kubernetes/lease/keepLease.ts';
import { runLeader } from '../../../controller/kubernetes/lease/runLeader.ts';
import { whileLeading } from '../../../controller/kubernetes/lease/whileLeading.ts';
import { FakeCluster } from './fakeCluster.ts';
import { keptLog } from './keptLog.ts';
import { leaseWorld } from './leaseApi.ts';
import { manifest, VIDEOS } from './world.ts';

const signal = new AbortController().signal;
const AT = `${VIDEOS}/demo`;

describe('the API of one who may lead no more', () => {
  const calls = {
    create: (api: ReturnType<typeof guarded>) => api.create(VIDEOS, manifest('other'), signal),
    apply: (api) => api.apply(`${AT}/status`, {}, { fieldManager: 'us', force: true }, signal),
    mergePatch: (api) => api.mergePatch(AT, {}, signal),
    replace: (api) => api.replace(AT, manifest('demo'), signal),
    delete: (api) => api.delete(AT, { propagationPolicy: 'Foreground' }, signal),
  } satisfies Record<string, (api: ReturnType<typeof guarded>) => Promise<unknown>>;

  for (const [name, call] of Object.entries(calls))
    it(`refuses to ${name}`, async () => {
      const cluster = new FakeCluster();
      cluster.put(VIDEOS, manifest('demo'));
      await assert.rejects(call(guarded(cluster, false)), LeadershipLost);
      assert.deepEqual(cluster.calls, []);
    });

  it('still reads', async () => {
    const cluster = new FakeCluster();
    cluster.put(VIDEOS, manifest('demo'));
    const api = guarded(cluster, false);
    assert.ok(await api.get(AT, signal));
    assert.equal((await api.list(VIDEOS, {}, signal)).items.length, 1);
  });

  it('does as ever while we lead', async () => {
    const cluster = new FakeCluster();
    await guarded(cluster, true).create(VIDEOS, manifest('demo'), signal);
    assert.ok(cluster.get(AT));
  });
});

describe('a leader that slept through its term', () => {
  it('knows so before any of its timers has run', async () => {
    let now = 0;
    const stop = new AbortController();
    const { log } = keptLog();
    const led = Promise.withResolvers<() => boolean>();
    const running = runLeader(
      {
        ...{ api: leaseWorld().api({ state: 'open' }), namespace: 'team', name: 'operator', identity: 'us' },
        ...{ clock: systemClock, random: () => 0, log, signal: stop.signal },
        monotonic: () => now,
      },
      async (signalOfLeading, leads) => {
        led.resolve(leads);
        await new Promise((resolve) => signalOfLeading.addEventListener('abort', resolve));
      },
    );
    const leads = await led.promise;
    now = 9999;
    assert.equal(leads(), true);
    now = 10_000;
    assert.equal(leads(), false, 'the renewal deadline is 10 s');
    now = 0;
    stop.abort(new Error('the test is over'));
    await running;
  });
});

function guarded(cluster: FakeCluster, leads: boolean) {
  return whileLeading(cluster.client(), () => leads);
}
