import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import { LoomVideoController } from '../../../controller/kubernetes/runtime/loomVideoController.ts';
import { Metrics } from '../../../controller/kubernetes/telemetry/metrics.ts';
import { FakeCluster } from './fakeCluster.ts';
import { playJobs } from './fakeJobs.ts';
import { JOBS, jobSettings, manifest, silent, until, VIDEOS } from './world.ts';

const VIDEOS_MADE = 20;

describe('what a video costs the apiserver', () => {
  it('is one Job, let go once, and few statuses; the watches are counted', async (t) => {
    const cluster = new FakeCluster();
    playJobs(cluster);
    const stopping = new AbortController();
    t.after(() => stopping.abort(new Error('the test is over')));
    const metrics = new Metrics();
    const controller = new LoomVideoController({
      api: metrics.counted(cluster.client()),
      ...{ namespaces: undefined, settings: jobSettings(), scope: 'test', workers: 4, clock: systemClock },
      caps: { total: 5, perNamespace: Number.POSITIVE_INFINITY },
      ...{ random: () => 0.5, log: silent, metrics, signal: stopping.signal },
    });
    for (let i = 0; i < VIDEOS_MADE; i++) cluster.put(VIDEOS, manifest(`demo-${i}`));
    await until('all may go', () => {
      const jobs = cluster.all('jobs');
      return jobs.length === VIDEOS_MADE && jobs.every(({ spec }) => spec?.['ttlSecondsAfterFinished']);
    });
    // The last look comes 10 s after the last Job was let go (runtime/liveLooks.ts), should the watch not bring it.
    await until('nothing to do', () => controller.queueDepth() + controller.queueDelayed() === 0, 30_000);
    stopping.abort(new Error('the test is over'));
    await controller.ended;

    const count = (method: string, path: RegExp): number =>
      cluster.calls.filter((call) => call.method === method && path.test(call.path)).length;
    assert.equal(count('create', /\/jobs$/), VIDEOS_MADE);
    assert.equal(count('patch', /\/jobs\//), VIDEOS_MADE, 'though the watch is slower than our own write');
    // Queued, Starting and Ready: a Job that is done within the pace of statuses is not followed step by step.
    assert.ok(count('apply', /\/status$/) <= 3 * VIDEOS_MADE);
    const changes = cluster.calls.filter(({ method }) => method !== 'get' && method !== 'list');
    assert.ok(changes.length <= 9 * VIDEOS_MADE, `${changes.length} for ${VIDEOS_MADE} videos`);
    const text = await metrics.registry.metrics();
    for (const resource of ['loomvideos', 'jobs', 'pods'])
      assert.match(text, new RegExp(`loomvideo_watch_lists_total\\{resource="${resource}"\\} 1`));
    assert.match(text, /loomvideo_watch_events_total\{resource="jobs"\} [1-9]/);
  });

  it('makes Jobs before it writes of those that are made', async (t) => {
    const cluster = new FakeCluster();
    for (let i = 0; i < VIDEOS_MADE; i++) cluster.put(VIDEOS, manifest(`demo-${i}`));
    const stopping = new AbortController();
    t.after(() => stopping.abort(new Error('the test is over')));
    const controller = new LoomVideoController({
      api: cluster.client(),
      ...{ namespaces: undefined, settings: jobSettings(), scope: 'test', workers: 1, clock: systemClock },
      caps: { total: Number.POSITIVE_INFINITY, perNamespace: Number.POSITIVE_INFINITY },
      ...{ random: () => 0.5, log: silent, metrics: new Metrics(), signal: stopping.signal },
    });
    const has = ({ status }: { status?: object }): boolean => status !== undefined;
    await until('all have a status', () => cluster.all('loomvideos').every(has));
    stopping.abort(new Error('the test is over'));
    await controller.ended;
    const lastJob = cluster.calls.findLastIndex(({ method, path }) => method === 'create' && path === JOBS);
    const before = cluster.calls.slice(0, lastJob).filter(({ method }) => method === 'apply').length;
    assert.equal(cluster.all('jobs').length, VIDEOS_MADE);
    assert.ok(before <= VIDEOS_MADE / 7, `${before} statuses came before the last Job`);
  });
});
