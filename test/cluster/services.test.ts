/** The operator as the docs install it, with OpenAI, Pinecone and Supabase: from a LoomVideo to what is stored, and back. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { STEP_CONDITIONS } from '../../jobrunner/contract/conditions.ts';
import { recording } from '../sample/index.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { CleanUp } from './support/cleanUp.ts';
import { openWorld, type World } from './support/world.ts';

suite('a video with OpenAI, Pinecone and Supabase', () => {
  const cleanUp = new CleanUp();
  let world: World;
  before(async () => {
    world = await openWorld(cleanUp, { values: { job: { ttlSecondsAfterFinished: 15 } } });
  });
  after(() => cleanUp.run());

  test('becomes searchable: kubectl wait says when', async (t) => {
    const url = await world.link(sampleVideo());
    const begun = performance.now();
    await world.create('tour', { url });
    await world.kubectl('wait', '--for=condition=Ready', 'loomvideo/tour', '--timeout=180s');
    t.diagnostic(
      `${((performance.now() - begun) / 1000).toFixed(1)} s for ${recording().durationSeconds} s of video`,
    );
    const { status } = await world.reaches('tour', 'Ready');
    t.diagnostic(JSON.stringify([status?.memory, status?.timings]));

    assert.equal(status?.attempts, 1);
    const conditions = new Map(status?.conditions?.map((condition) => [condition.type, condition]));
    for (const type of [...STEP_CONDITIONS, 'Ready'])
      assert.equal(conditions.get(type)?.status, 'True', type);
    assert.ok(!conditions.has('Reconciling') && !conditions.has('Stalled'));
    const { title } = recording();
    assert.equal(status?.video?.title, title);
    assert.deepEqual(
      [status?.index?.passages, status?.index?.vectorStore, status?.index?.recordStore],
      [9, 'pinecone', 'supabase'],
    );
    assert.ok((status?.memory?.peakMb ?? 0) > 50 && (status?.memory?.peakMb ?? 0) <= 400);
    assert.deepEqual(
      world.seen.phases.get('tour')?.filter((phase) => phase !== 'Pending'),
      ['Running', 'Ready'],
    );
  });

  test('and what it stored is there', async () => {
    // A row of the video, one of its transcript, one of each passage.
    assert.deepEqual(await world.stored('tour'), { vectors: 9, rows: 11 });
  });

  test('its logs can be read while its Job is there, stage by stage', async () => {
    const [job] = world.jobsOf('tour');
    const logOf = (stage: string): Promise<string> =>
      world.kubectl('logs', `job/${job?.metadata.name}`, `--container=${stage}`);
    assert.match(await logOf('fetch'), /✅ Successfully downloaded using yt-dlp/);
    assert.match(await logOf('transcribe'), /💾 After transcription - Memory: \d+MB/);
    const index = await logOf('index');
    assert.match(index, /✅ Processed embedding batch 3\/3/);
    for (const key of world.standIns.services.keys) assert.ok(!index.includes(key));
  });

  test('kubectl get shows it in columns', async () => {
    const lines = (await world.kubectl('get', 'lv')).split('\n');
    assert.match(lines[0] ?? '', /^NAME +PHASE +TITLE +DURATION +STAGE +ATTEMPTS +PEAK MEMORY +AGE$/);
    assert.match(lines[1] ?? '', /^tour +Ready +Product tour.* +265\.\d+ +index +1 +\d+ +\d+[sm]/);
  });

  test('kubectl describe tells how it went, in Events', async () => {
    const text = await world.kubectl('describe', 'loomvideo', 'tour');
    const events = text.slice(text.indexOf('Events:'));
    assert.match(events, /Normal +(?:Starting|Running) .* Attempt 1/);
    assert.match(events, /Normal +Completed .* The video is searchable\./);
    assert.doesNotMatch(events, /Warning/);
  });

  test('its Job and pod go when their time is over', async () => {
    await world.seen.until('the Job is gone', () => world.jobsOf('tour').length === 0, 60_000);
    assert.equal((await world.reaches('tour', 'Ready')).status?.phase, 'Ready');
    await world.kubectl('wait', '--for=delete', 'pods', '--all', '--timeout=60s');
  });

  test('no key is in any object, nor in the log of the operator', async () => {
    const kinds = (
      await world.cluster.kubectl('api-resources', '--namespaced', '--verbs=list', '--output=name')
    )
      .split('\n')
      .filter((kind) => kind !== 'secrets' && !/metrics\.k8s\.io/.test(kind));
    const objects = await world.kubectl('get', kinds.join(','), '--output=json', '--show-managed-fields');
    assert.match(objects, /"kind": "LoomVideo"/);
    const shown = objects + (await world.operator.log());
    for (const key of world.standIns.services.keys)
      for (const form of [key, Buffer.from(key).toString('base64')]) assert.ok(!shown.includes(form));
  });

  test('helm test finds the operator well', async () => {
    assert.match(await world.operator.test(), /Phase: +Succeeded/);
  });

  test('processing the same again changes nothing', async () => {
    await world.create('again');
    const first = await world.reaches('again', 'Ready');
    const stored = await world.stored('again');
    assert.ok(stored.vectors > 0);
    await world.patch('again', { spec: { transcription: { language: 'en' } } });
    await world.until(
      'again',
      'a second run is Ready',
      ({ metadata, status }) =>
        status?.phase === 'Ready' &&
        status.observedGeneration === metadata.generation &&
        status.finishedAt !== first.status?.finishedAt,
    );
    assert.deepEqual(await world.stored('again'), stored);
  });

  test('deleted, it leaves nothing', async () => {
    await world.kubectl('delete', 'loomvideo', 'tour', '--timeout=60s');
    assert.deepEqual(await world.stored('tour'), { vectors: 0, rows: 0 });
    assert.notEqual((await world.stored('again')).vectors, 0);
  });
});
