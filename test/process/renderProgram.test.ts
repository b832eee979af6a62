import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sandbox } from '../support/cli.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { followEvents, type Told } from '../unit/render/program/eventClient.ts';
import { startRender } from './renderServer.ts';

let loom: Loom;
before(async () => {
  loom = await startLoom();
});
after(() => loom.close());

it('a link becomes a video that is followed, read, found and deleted, over HTTP alone', async (t) => {
  const box = await sandbox(t);
  const server = await startRender(t, { ...box.env, ...loom.env });
  const get = async (path: string) => {
    const answer = await server.request(path);
    assert.equal(answer.status, 200, path);
    // oxlint-disable-next-line typescript/no-explicit-any -- the contract is held to in unit tests
    return (await answer.json()) as any;
  };
  const { resourceVersion } = await get('/api/videos');
  const events = await followEvents(`${server.url}/api/events?after=${resourceVersion}`);
  t.after(() => events.stop());
  const link = loom.addVideo(sampleVideo()).shareUrl;
  const added = await server.request('/api/videos', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ links: [link] }),
  });
  const { results } = (await added.json()) as { results: { outcome: string; name: string }[] };
  assert.equal(results[0]?.outcome, 'created');
  const path = `/api/videos/default/${results[0].name}`;

  const told: Told[] = [];
  const until = async (holds: (one: Told) => boolean): Promise<Told> => {
    for (;;) {
      const one = await events.next();
      told.push(one);
      if (holds(one)) return one;
    }
  };
  const transcribing = await until(
    ({ event, data }) => event === 'progress' && data.progress?.stage === 'transcribe',
  );
  assert.ok(transcribing.data.progress.memoryMb > 0);
  // By words alone, or by meaning too where the model is in memory: at once in either case.
  const asked = Date.now();
  assert.deepEqual((await get('/api/search?q=invite+a+colleague')).results, []);
  assert.ok(Date.now() - asked < 2000);
  const ready = await until(({ event, data }) => event === 'video' && data.phase === 'Ready');
  assert.equal(ready.data.passages, 9);
  assert.ok(ready.data.peakMb > 0);
  const stages = new Set(
    told.filter(({ event }) => event === 'progress').map(({ data }) => data.progress?.stage),
  );
  assert.ok(stages.has('fetch') && stages.has('transcribe'), [...stages].join());

  const detail = await get(path);
  assert.ok(detail.chapters.length > 1);
  assert.equal(detail.runs.length, 1);
  assert.deepEqual(
    detail.runs[0].stages.map(({ stage, outcome }: Record<string, string>) => `${stage} ${outcome}`),
    ['fetch Succeeded', 'transcribe Succeeded', 'index Succeeded'],
  );
  const transcript = await get(`${path}/transcript.json`);
  assert.ok(transcript.segments.length > 10);
  const vtt = await server.request(`${path}/transcript.vtt`);
  assert.match(await vtt.text(), /^WEBVTT/);
  const found = await get('/api/search?q=how+do+I+invite+a+colleague&wait=true&limit=3');
  assert.equal(found.ranking, 'hybrid');
  assert.match(found.results[0].url, /^https:\/\/www\.loom\.com\/share\/.*\?t=\d+$/);
  assert.ok(found.results[0].highlights.length > 0);

  const metrics = await (await server.request('/metrics')).text();
  for (const stage of ['fetch', 'transcribe', 'index'])
    assert.match(
      metrics,
      new RegExp(`loomvideo_stage_duration_seconds_count\\{stage="${stage}",outcome="Completed"\\} 1`),
    );

  assert.equal((await server.request(path, { method: 'DELETE' })).status, 202);
  const deleted = await until(({ event }) => event === 'deleted');
  assert.equal(deleted.data.name, results[0].name);
  assert.equal((await server.request(path)).status, 404);
  assert.equal((await server.request(`${path}/transcript.json`)).status, 404);
  const rest = events.rest();
  assert.equal((await server.end('SIGTERM')).code, 0);
  await rest;
});
