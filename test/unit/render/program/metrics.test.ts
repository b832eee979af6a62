import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { PastRun } from '../../../../controller/render/runtime/runHistory.ts';
import { followEvents } from './eventClient.ts';
import { programWorld } from './programWorld.ts';

it('GET /metrics tells of videos, stages, searches, requests, streams and memory', async (t) => {
  const world = await programWorld(t);
  const { call, declare, videos, runs, clock } = world;
  const value = async (name: string): Promise<number | undefined> => {
    const { text } = await call('GET', '/metrics');
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  declare('done', { phase: 'Ready' });
  const { metadata } = declare('one', { phase: 'Running' });
  assert.equal(await value('loomvideo_videos{phase="Ready"}'), 1);
  assert.equal(await value('loomvideo_videos{phase="Running"}'), 1);

  clock.pass(60_000);
  const at = clock.now().getTime();
  const stage = (reason: string, seconds: number): PastRun['stages'][number] => ({
    stage: 'fetch',
    outcome: reason === 'Completed' ? 'Succeeded' : 'Failed',
    reason,
    startedAt: new Date(at - seconds * 1000).toISOString(),
    finishedAt: new Date(at).toISOString(),
    peakMb: 1,
    limitMb: 2,
  });
  runs.set(metadata.uid, [
    {
      run: 1,
      attempt: 1,
      startedAt: new Date(at).toISOString(),
      outcome: 'Running',
      stages: [stage('Completed', 3)],
    },
  ]);
  // Two changes, one ending.
  videos.setStatus(metadata, metadata.uid, { phase: 'Running', stage: 'transcribe' });
  videos.setStatus(metadata, metadata.uid, { phase: 'Failed' });
  const stages = (outcome: string): string =>
    `loomvideo_stage_duration_seconds_sum{stage="fetch",outcome="${outcome}"}`;
  assert.equal(await value(stages('Completed')), 3);
  assert.equal(await value('loomvideo_videos{phase="Running"}'), undefined);

  await call('GET', '/api/search?q=hello');
  assert.equal(await value('loomvideo_search_duration_seconds_count{ranking="hybrid"}'), 1);
  await call('GET', '/api/videos/default/none');
  const requests = 'http_request_duration_seconds_count';
  assert.equal(await value(`${requests}{method="GET",route="/api/videos/:namespace/:name",code="404"}`), 1);

  const url = await world.listen();
  const client = await followEvents(`${url}/api/events`);
  assert.equal(await value('loomvideo_event_streams'), 1);
  client.stop();
  assert.ok(((await value('process_resident_memory_bytes')) ?? 0) > 1e7);
  assert.equal(await value('loomvideo_memory_working_set_bytes'), 1);
  assert.equal(await value('loomvideo_memory_limit_bytes'), undefined);
  assert.ok(((await value('nodejs_eventloop_lag_max_seconds')) ?? -1) >= 0);
});
