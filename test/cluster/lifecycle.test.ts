/** A LoomVideo from its making to its end, whatever a user does to it on the way. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { FORCE_DELETE_ANNOTATION, QUEUE_LABEL, RETRY_ANNOTATION } from '../../controller/reconcile/names.ts';
import type { Fault } from '../support/loom/video.ts';
import { CleanUp } from './support/cleanUp.ts';
import { openWorld, type World } from './support/world.ts';

const NOTHING = { vectors: 0, rows: 0 };
const CAP = 2;

suite('the life of a LoomVideo', () => {
  const cleanUp = new CleanUp();
  let world: World;
  before(async () => {
    world = await openWorld(cleanUp, { values: { maxConcurrent: CAP } });
  });
  after(() => cleanUp.run());

  const holdsSomething = async (name: string): Promise<void> => {
    const { vectors, rows } = await world.stored(name);
    assert.ok(vectors > 0 && rows > 0, `${name}: ${vectors} vectors, ${rows} rows`);
  };

  /** Of which no stage ends by itself: its attempt runs for as long as the test wants. */
  const endless = (): Promise<string> => world.link({ faults: [{ on: 'media', stallAfter: 1000 }] });

  test(`eight videos, ${CAP} at once`, async (t) => {
    const names = Array.from({ length: 8 }, (_, index) => `video-${index + 1}`);
    const begun = performance.now();
    for (const name of names) await world.create(name);
    await world.reaches('video-8', 'Queued');
    for (const name of names) await world.reaches(name, 'Ready', 240_000);
    t.diagnostic(`${((performance.now() - begun) / 1000).toFixed(1)} s`);
    assert.equal(world.seen.mostUnfinished, CAP);
    assert.equal(world.seen.jobs.length, names.length);
    for (const name of names) await holdsSomething(name);
  });

  test('suspended while it runs, it stops; resumed, it begins again', async () => {
    const faults: Fault[] = [{ on: 'media', stallAfter: 1000 }];
    await world.create('held', { url: await world.link({ faults }) });
    await world.until('held', 'fetch runs', ({ status }) => status?.phase === 'Running');
    await world.patch('held', { spec: { suspend: true } });
    await world.reaches('held', 'Suspended');
    await world.seen.until('its Job is gone', () => world.jobsOf('held').length === 0, 30_000);
    await world.kubectl(
      'wait',
      '--for=delete',
      'pods',
      '--selector=qudemo.dev/attempt',
      '--field-selector=status.phase=Running',
      '--timeout=40s',
    );
    faults.length = 0;
    await world.patch('held', { spec: { suspend: false } });
    const { status } = await world.reaches('held', 'Ready');
    assert.equal(status?.attempts, 1);
  });

  test('done, it is not processed again for how it is tried or deleted', async () => {
    const jobs = world.seen.jobs.length;
    for (const change of [
      { suspend: true },
      { suspend: false },
      { maxAttempts: 7 },
      { deletionPolicy: 'Retain' },
      { embedding: { batchSize: 5 } },
    ]) {
      await world.patch('video-1', { spec: change });
      const { generation } = JSON.parse(
        await world.kubectl('get', 'loomvideo', 'video-1', '--output=jsonpath={.metadata}'),
      ) as { generation: number };
      const { status } = await world.until(
        'video-1',
        'the change is seen',
        (video) => video.status?.observedGeneration === generation,
      );
      assert.equal(status?.phase, 'Ready', JSON.stringify(change));
    }
    assert.equal(world.seen.jobs.length, jobs);
  });

  test('kept what it stored, where the policy is Retain', async () => {
    await world.kubectl('delete', 'loomvideo', 'video-1', '--timeout=30s');
    await holdsSomething('video-1');
    assert.deepEqual(world.jobsOf('video-1', 'purge'), []);
  });

  test('given up, it begins afresh when the annotation is new', async () => {
    const url = await world.link({ duration: 301 });
    await world.create('again', { url });
    const first = await world.reaches('again', 'Failed');
    await world.patch('again', { metadata: { annotations: { [RETRY_ANNOTATION]: 'once' } } });
    const second = await world.until(
      'again',
      'it failed a second time',
      ({ status }) => status?.phase === 'Failed' && status.ledger?.run === 2,
    );
    assert.notEqual(second.status?.job?.name, first.status?.job?.name);
    assert.equal(second.status?.attempts, 1);
  });

  test('deleted while it runs, its Job ends and what it stored is removed', async () => {
    await world.create('cut', { url: await endless() });
    await world.until('cut', 'fetch runs', ({ status }) => status?.phase === 'Running');
    const begun = performance.now();
    await world.kubectl('delete', 'loomvideo', 'cut', '--timeout=60s');
    assert.ok(performance.now() - begun < 60_000);
    assert.equal(world.seen.jobs.filter(({ video, purge }) => video === 'cut' && purge).length, 1);
    assert.deepEqual(await world.stored('cut'), NOTHING);
    await world.seen.until('no Job runs', () => world.jobsOf('cut').length === 0, 30_000);
  });

  test('deleted in the foreground, it is purged all the same', async () => {
    await world.kubectl('delete', 'loomvideo', 'video-2', '--cascade=foreground', '--timeout=60s');
    assert.deepEqual(await world.stored('video-2'), NOTHING);
  });

  test('deleted while the services are down, it stays until they are back', async () => {
    const { pinecone } = world.standIns.services;
    const down = { status: 503, times: 10_000 };
    for (const operation of ['describeIndex', 'list', 'delete', 'stats', 'fetch', 'query'])
      pinecone.fault(operation, down);
    // A purge is given no less than a minute.
    await world.patch('video-3', { spec: { timeout: '10s' } });
    await world.kubectl('delete', 'loomvideo', 'video-3', '--wait=false');
    const { status } = await world.until(
      'video-3',
      'a purge failed',
      (video) => (video.status?.ledger?.purgeAttempts ?? 0) > 0,
      150_000,
    );
    assert.equal(status?.phase, 'Deleting');
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    assert.equal(ready?.reason, 'StoreUnavailable');
    assert.match(ready.message, /could not be removed/);
    pinecone.clearFaults();
    await world.gone('video-3');
    assert.deepEqual(await world.stored('video-3'), NOTHING);
  });

  test('deleted while the services are down for good, an annotation lets it go', async () => {
    const { supabase } = world.standIns.services;
    supabase.fault('rpc:loomvideo_purge_video', { status: 503, times: 10_000 });
    await world.kubectl('delete', 'loomvideo', 'video-4', '--wait=false');
    await world.reaches('video-4', 'Deleting');
    await world.patch('video-4', { metadata: { annotations: { [FORCE_DELETE_ANNOTATION]: 'true' } } });
    await world.gone('video-4', 30_000);
    supabase.clearFaults();
  });

  test("Kueue's part: its Job waits for the queue, and counts against no cap", async () => {
    const labels = { [QUEUE_LABEL]: 'team-a' };
    await world.create('queued', {}, { labels });
    await world.reaches('queued', 'Queued');
    const [job] = world.jobsOf('queued');
    assert.ok(job?.spec?.suspend);
    assert.equal(job.metadata.labels?.[QUEUE_LABEL], 'team-a');
    assert.deepEqual(await world.podsOf('queued'), []);
    await world.kubectl(
      'patch',
      'job',
      job.metadata.name,
      '--type=merge',
      '--patch={"spec":{"suspend":false}}',
    );
    const { status } = await world.reaches('queued', 'Ready');
    assert.equal(status?.attempts, 1);
  });

  for (const [how, values] of Object.entries({
    'where the operator has rights in it alone': {},
    'where the operator watches all namespaces': { watchNamespaces: [] },
  }))
    test(`a namespace is deleted with all that is in it, ${how}`, async (t) => {
      const where = await openWorld(t, { standIns: world.standIns, values });
      await where.create('done');
      await where.reaches('done', 'Ready');
      const media: Fault[] = [{ on: 'media', stallAfter: 1000 }];
      await where.create('running', { url: await where.link({ faults: media }) });
      await where.reaches('running', 'Running');
      await where.cluster.kubectl('delete', 'namespace', where.namespace, '--timeout=60s');
    });
});
