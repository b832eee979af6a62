/** Everything that can be wrong with a video, with the cluster and with Loom, and what a user is told of it. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { LoomVideoObject } from '../../controller/kubernetes/objects.ts';
import type { Fault, VideoOptions } from '../support/loom/video.ts';
import { CleanUp } from './support/cleanUp.ts';
import { credentialsFor, CREDENTIALS } from './support/standIns.ts';
import { openWorld, type World } from './support/world.ts';

/** What no attempt can help: the reason, and the conditions of the steps that were come to. */
interface Hopeless {
  readonly video: Partial<VideoOptions>;
  readonly reason: string;
  readonly steps: Readonly<Record<string, string>>;
}

const HOPELESS: Readonly<Record<string, Hopeless>> = {
  'too-long': {
    video: { duration: 301 },
    reason: 'VideoTooLong',
    steps: { Downloaded: 'False', Validated: 'Unknown', Transcribed: 'Unknown' },
  },
  private: {
    video: { access: 'private' },
    reason: 'VideoPrivate',
    steps: { Downloaded: 'False', Validated: 'Unknown', Transcribed: 'Unknown' },
  },
  garbage: {
    video: { raw: { kind: 'file', source: Buffer.alloc(300_000, 'not a video at all ') } },
    reason: 'InvalidFile',
    steps: { Downloaded: 'True', Validated: 'False', Transcribed: 'Unknown' },
  },
};

const readyOf = ({ status }: LoomVideoObject) => status?.conditions?.find(({ type }) => type === 'Ready');

suite('what goes wrong', () => {
  const cleanUp = new CleanUp();
  let world: World;
  before(async () => {
    world = await openWorld(cleanUp, { values: { maxConcurrent: 1 } });
  });
  after(() => cleanUp.run());

  /** An operator of other settings on the same stand-ins. */
  const another = (t: Parameters<typeof openWorld>[0], values: Record<string, unknown>): Promise<World> =>
    openWorld(t, { standIns: world.standIns, values });

  /** Resolves when `Ready` has this reason. */
  const tells = (where: World, name: string, reason: string): Promise<LoomVideoObject> =>
    where.until(name, reason, (video) => readyOf(video)?.reason === reason);

  for (const [name, { video, reason, steps }] of Object.entries(HOPELESS))
    test(`a video that is ${name} fails once: ${reason}`, async () => {
      await world.create(name, { url: await world.link(video) });
      const failed = await world.reaches(name, 'Failed');
      const { status } = failed;
      const conditions = new Map(status?.conditions?.map((condition) => [condition.type, condition]));
      assert.equal(readyOf(failed)?.reason, reason);
      assert.equal(conditions.get('Stalled')?.reason, reason);
      assert.ok(!conditions.has('Reconciling'));
      for (const [type, value] of Object.entries(steps))
        assert.equal(conditions.get(type)?.status, value, type);
      assert.deepEqual([status?.lastError?.stage, status?.lastError?.retryable], ['fetch', false]);
    });

  test('Loom that is down fails attempts, until it is back', async (t) => {
    const faults: Fault[] = [{ on: 'graphql', status: 503 }];
    await world.create('patient', { url: await world.link({ faults }) });
    const failedTwice = await world.until(
      'patient',
      'two attempts failed',
      ({ status }) => status?.ledger?.transientFailures === 2,
      180_000,
    );
    assert.equal(failedTwice.status?.phase, 'Retrying');
    assert.equal(readyOf(failedTwice)?.reason, 'LoomUnavailable');
    assert.match(readyOf(failedTwice)?.message ?? '', /Tried again at|503/);
    faults.length = 0;
    const { status } = await world.reaches('patient', 'Ready');
    assert.equal(status?.attempts, 3);
    t.diagnostic(`ready after ${status.timings?.totalSeconds} s`);
  });

  test('none of those that failed was tried again', () => {
    for (const name of Object.keys(HOPELESS)) assert.equal(world.jobsOf(name).length, 1, name);
  });

  test('a Secret that is missing: it is named, holds up nobody, and its video goes on when it is there', async (t) => {
    const where = await openWorld(t, {
      standIns: world.standIns,
      values: { maxConcurrent: 1 },
      credentials: false,
    });
    await where.create('first');
    const waiting = await tells(where, 'first', 'CredentialsMissing');
    assert.match(readyOf(waiting)?.message ?? '', new RegExp(`"?${CREDENTIALS}"? not found`));
    await where.cluster.apply(credentialsFor(where.standIns, where.namespace, 'others'));
    await where.create('second', { credentialsSecretRef: { name: 'others' } });
    await where.reaches('second', 'Ready');
    assert.equal(readyOf(where.seen.videos.get('first') ?? waiting)?.reason, 'CredentialsMissing');

    await where.cluster.apply(credentialsFor(where.standIns, where.namespace));
    const { status } = await where.reaches('first', 'Ready');
    assert.equal(status?.attempts, 1);
  });

  test('an image that cannot be pulled', async (t) => {
    const where = await another(t, { job: { image: { repository: 'loomvideo.test/none', tag: '1' } } });
    await where.create('demo');
    const held = await tells(where, 'demo', 'ImagePullFailed');
    assert.match(readyOf(held)?.message ?? '', /loomvideo\.test\/none:1/);
    assert.equal(held.status?.ledger?.recorded, 0);
  });

  test('no node that takes the pod', async (t) => {
    const where = await another(t, { job: { nodeSelector: { pool: 'none' } } });
    await where.create('demo');
    const held = await tells(where, 'demo', 'Unschedulable');
    assert.match(readyOf(held)?.message ?? '', /affinity\/selector/);
    assert.equal(held.status?.ledger?.recorded, 0);
  });

  for (const [what, hard] of Object.entries({ Jobs: { 'count/jobs.batch': '0' }, pods: { pods: '0' } }))
    test(`a quota of ${what}: it says so, and the video goes on when there is room`, async () => {
      const name = `quota-of-${what.toLowerCase()}`;
      await world.cluster.apply({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name, namespace: world.namespace },
        spec: { hard },
      });
      await world.kubectl('wait', `--for=jsonpath={.status.hard}`, `resourcequota/${name}`, '--timeout=30s');
      await world.create(name);
      const refused = await tells(world, name, 'JobRejected');
      assert.match(readyOf(refused)?.message ?? '', /exceeded quota/);
      await world.kubectl('delete', 'resourcequota', name);
      const { status } = await world.reaches(name, 'Ready');
      assert.equal(status?.attempts, 1);
    });
});
