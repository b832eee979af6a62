import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { systemClock, type Clock } from '../../../common/clock.ts';
import { LeadershipLost } from '../../../controller/kubernetes/lease/keepLease.ts';
import type { Lease, LeaseRecord } from '../../../controller/kubernetes/lease/leaseRecord.ts';
import { runLeader } from '../../../controller/kubernetes/lease/runLeader.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { keptLog } from './keptLog.ts';
import { leaseWorld, type LeaseRoute, type LeaseWorld } from './leaseApi.ts';

let time = 0;
beforeEach(() => {
  time = 0;
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-03-01T12:00:00Z') });
});
afterEach(() => mock.timers.reset());

/** Lets so much time pass, and in each of its steps whatever follows from it. */
async function pass(seconds: number): Promise<void> {
  for (const end = time + seconds * 1000; time < end; time += 100) {
    await settle();
    mock.timers.tick(100);
  }
  await settle();
}

async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

interface Candidate {
  readonly route: LeaseRoute;
  readonly stop: AbortController;
  /** Between the beginning of `lead` and the abort of its signal. */
  readonly leads: () => boolean;
  /** Ends `lead`; it goes on after its signal is aborted until then. */
  readonly finish: PromiseWithResolvers<void>;
  readonly outcome: () => string;
}

const { log } = keptLog();

function candidate(
  world: LeaseWorld,
  identity: string,
  { clock = systemClock, random = 0 }: { clock?: Clock; random?: number } = {},
): Candidate {
  const route: LeaseRoute = { state: 'open' };
  const stop = new AbortController();
  const finish = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  let outcome = 'runs';
  runLeader(
    {
      ...{ api: world.api(route), namespace: 'team', name: 'operator', identity, clock, log },
      monotonic: () => time,
      random: () => random,
      signal: stop.signal,
    },
    async (given) => {
      signal = given;
      await finish.promise;
    },
  ).then(
    () => (outcome = 'ended'),
    (error: unknown) => (outcome = error instanceof LeadershipLost ? 'lost' : String(error)),
  );
  return {
    ...{ route, stop, finish },
    leads: () => signal?.aborted === false,
    outcome: () => outcome,
  };
}

const lease = (spec: LeaseRecord): Lease => ({
  metadata: { name: 'operator', namespace: 'team', resourceVersion: '1', labels: { kept: 'yes' } },
  spec,
});
const OTHER: LeaseRecord = {
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: '2026-03-01T11:59:00.000000Z',
  renewTime: '2026-03-01T11:59:59.000000Z',
  leaseTransitions: 1,
};

describe('a candidate', () => {
  it('leads at once where there is no lease', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    await pass(0.1);
    assert.equal(us.leads(), true);
    assert.deepEqual(world.lease?.spec, {
      holderIdentity: 'us',
      leaseDurationSeconds: 15,
      acquireTime: '2026-03-01T12:00:00.000000Z',
      renewTime: '2026-03-01T12:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('leads at once where the lease was given back', async () => {
    const us = candidate(leaseWorld(lease({ ...OTHER, holderIdentity: '' })), 'us');
    await pass(0.1);
    assert.equal(us.leads(), true);
  });

  for (const [what, renewTime] of [
    ['is right', '2026-03-01T11:59:59.000000Z'],
    ['is an hour slow', '2026-03-01T10:59:59.000000Z'],
    ['is an hour fast', '2026-03-01T12:59:59.000000Z'],
  ] as const)
    it(`waits 15 s from when it saw the lease of one that died, whose clock ${what}`, async () => {
      const world = leaseWorld(lease({ ...OTHER, renewTime }));
      const us = candidate(world, 'us');
      await pass(14.9);
      assert.equal(us.leads(), false);
      await pass(0.2);
      assert.equal(us.leads(), true);
      assert.equal(world.lease?.spec?.leaseTransitions, 2);
      assert.deepEqual(world.lease?.metadata.labels, { kept: 'yes' });
    });

  it('waits as long as the record says', async () => {
    const us = candidate(leaseWorld(lease({ ...OTHER, leaseDurationSeconds: 60 })), 'us');
    await pass(59);
    assert.equal(us.leads(), false);
    await pass(1.1);
    assert.equal(us.leads(), true);
  });

  it('is not kept from it by a label that somebody sets', async () => {
    const world = leaseWorld(lease(OTHER));
    const us = candidate(world, 'us');
    await pass(10);
    world.lease = { ...lease(OTHER), metadata: { ...lease(OTHER).metadata, resourceVersion: '77' } };
    await pass(5.1);
    assert.equal(us.leads(), true);
  });

  it('tries again while the apiserver is out of reach', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    us.route.state = 'cut';
    await pass(12);
    us.route.state = 'refused';
    await pass(4);
    us.route.state = 'open';
    await pass(7);
    assert.equal(us.leads(), true);
  });

  it('takes up its own lease when the answer to its first write was lost', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    us.route.state = 'deaf';
    await pass(1);
    us.route.state = 'open';
    // Its read got no answer in 5 s; then it tries again.
    await pass(7);
    assert.equal(us.leads(), true);
  });

  it('ends when it is stopped before it leads', async () => {
    const us = candidate(leaseWorld(lease(OTHER)), 'us');
    await pass(3);
    us.stop.abort();
    await settle();
    assert.deepEqual([us.outcome(), us.leads()], ['ended', false]);
  });
});

describe('a leader', () => {
  it('renews every 2 s', async () => {
    const world = leaseWorld();
    candidate(world, 'us');
    await pass(0.1);
    assert.equal(world.writes, 1);
    await pass(20.5);
    assert.equal(world.writes, 11);
  });

  it('leads on through an outage shorter than its deadline', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    await pass(1);
    us.route.state = 'refused';
    await pass(6);
    us.route.state = 'open';
    await pass(30);
    assert.equal(us.leads(), true);
  });

  for (const state of ['cut', 'deaf', 'refused'] as const)
    it(`stops 10 s after its last renewal that came through, its way ${state}`, async () => {
      const us = candidate(leaseWorld(), 'us');
      // Renewed at 0, 2 and 4.
      await pass(5);
      us.route.state = state;
      await pass(8.9);
      assert.equal(us.leads(), true);
      await pass(0.3);
      assert.equal(us.leads(), false);
      assert.equal(us.outcome(), 'runs', 'its work has not ended');
      us.finish.resolve();
      await settle();
      assert.equal(us.outcome(), 'lost');
    });

  it('that lost it ends 5 s later even if its work does not', async () => {
    const us = candidate(leaseWorld(), 'us');
    await pass(1);
    us.route.state = 'cut';
    await pass(13.5);
    assert.deepEqual([us.leads(), us.outcome()], [false, 'runs']);
    await pass(2);
    assert.equal(us.outcome(), 'lost');
  });

  for (const [what, change] of [
    ['another has taken it', (): Lease => lease(OTHER)],
    ['somebody deleted it', (): undefined => undefined],
  ] as const)
    it(`stops as soon as it sees that ${what}`, async () => {
      const world = leaseWorld();
      const us = candidate(world, 'us');
      await pass(1);
      world.lease = change();
      await pass(1.3);
      assert.equal(us.leads(), false);
      us.finish.resolve();
      await settle();
      assert.equal(us.outcome(), 'lost');
    });

  it('leads on when somebody labelled its lease, and keeps the label', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    await pass(1);
    assert.ok(world.lease);
    const { metadata } = world.lease;
    world.lease = { ...world.lease, metadata: { ...metadata, resourceVersion: '77', labels: { a: 'b' } } };
    await pass(20);
    assert.equal(us.leads(), true);
    assert.deepEqual(world.lease.metadata.labels, { a: 'b' });
  });

  it('that is stopped leads on until its work has ended, then gives the lease back', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    await pass(1);
    us.stop.abort();
    await pass(60);
    assert.deepEqual([us.outcome(), world.lease?.spec?.holderIdentity], ['runs', 'us']);
    us.finish.resolve();
    await settle();
    assert.deepEqual([us.outcome(), world.lease?.spec?.holderIdentity], ['ended', '']);
  });

  it('gives the lease back when its work ends of itself, or fails', async () => {
    const world = leaseWorld();
    const us = candidate(world, 'us');
    await pass(1);
    us.finish.reject(new Error('broken'));
    await settle();
    assert.deepEqual([us.outcome(), world.lease?.spec?.holderIdentity], ['Error: broken', '']);
  });

  it('that cannot give it back ends nevertheless', async () => {
    const us = candidate(leaseWorld(), 'us');
    await pass(1);
    us.route.state = 'cut';
    us.finish.resolve();
    await pass(5.1);
    assert.equal(us.outcome(), 'ended');
  });
});

describe('two candidates', () => {
  for (const random of [0, 0.999])
    for (const killedAt of [1, 1.9, 2.1, 3.3, 5])
      it(`hand over within 20 s of a kill ${killedAt} s after the start (chance: ${random})`, async () => {
        const world = leaseWorld();
        const first = candidate(world, 'first', { random });
        await pass(0.1);
        const second = candidate(world, 'second', { random });
        await pass(killedAt);
        // All that others see of a SIGKILL.
        first.route.state = 'cut';
        await pass(19.9);
        assert.deepEqual([first.leads(), second.leads()], [false, true]);
      });

  it('hand over within a try when the first is stopped in order', async () => {
    const world = leaseWorld();
    const first = candidate(world, 'first');
    await pass(0.1);
    const second = candidate(world, 'second');
    await pass(5);
    first.finish.resolve();
    await pass(2.1);
    assert.deepEqual([first.outcome(), second.leads()], ['ended', true]);
  });

  it('never lead at once, whatever happens to their ways', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const chance = seededRandom(seed);
      const world = leaseWorld();
      time = 0;
      const all = ['a', 'b', 'c'].map((identity) => candidate(world, identity, { random: chance() }));
      let everLed = 0;
      for (let step = 0; step < 400; step++) {
        await pass(0.5);
        const leading = all.filter((each) => each.leads()).length;
        assert.ok(leading <= 1, `seed ${seed}, ${time} ms: ${leading} lead`);
        everLed += leading;
        const states = ['open', 'open', 'open', 'deaf', 'cut', 'refused'] as const;
        for (const each of all)
          if (chance() < 0.05) each.route.state = states[Math.floor(chance() * states.length)] ?? 'open';
        // One that ended is started anew, as its process would be.
        for (const [i, each] of all.entries())
          if (each.outcome() === 'lost') all[i] = candidate(world, `${i}-${step}`, { random: chance() });
      }
      for (const each of all) each.stop.abort();
      assert.ok(everLed > 50, `seed ${seed}: led in ${everLed} steps`);
    }
  });
});
