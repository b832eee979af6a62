import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { act, type ActInput, type Acted } from '../../../controller/kubernetes/act/act.ts';
import { Announcer } from '../../../controller/kubernetes/act/announcer.ts';
import { createJob } from '../../../controller/kubernetes/act/createJob.ts';
import { ApiError, type KubeApi } from '../../../controller/kubernetes/api/kubeApi.ts';
import { declarationOf } from '../../../controller/kubernetes/gather/declaration.ts';
import { observe } from '../../../controller/kubernetes/gather/observe.ts';
import { jobOf } from '../../../controller/kubernetes/job/jobOf.ts';
import type { JobObject, LoomVideoObject } from '../../../controller/kubernetes/objects.ts';
import { decide } from '../../../controller/reconcile/decide.ts';
import type { Clock } from '../../../common/clock.ts';
import { later, NOW } from '../reconcile/world.ts';
import { apiError, FakeCluster, type Call } from './fakeCluster.ts';
import { JOBS, jobSettings, manifest, silent, VIDEOS } from './world.ts';

const settings = jobSettings();
const signal = AbortSignal.timeout(20_000);

/** The cluster with a fresh LoomVideo, and what is decided for it. */
function begin(cluster = new FakeCluster()): { cluster: FakeCluster; input: ActInput } {
  cluster.put(VIDEOS, manifest('demo'));
  return { cluster, input: decided(cluster) };
}

function decided(cluster: FakeCluster): ActInput {
  const object = cluster.get(`${VIDEOS}/demo`) as LoomVideoObject;
  const observed = observe({
    object,
    declaration: declarationOf(object),
    jobs: cluster.all('jobs'),
    podsOf: () => [],
    podRejectionOf: () => undefined,
    namespaceTerminating: false,
    jobRejection: undefined,
    settings,
  });
  return { object, ...observed, decision: decide(observed.observation, NOW) };
}

async function carryOut(
  cluster: FakeCluster,
  input: ActInput,
  api: KubeApi = cluster.client(),
): Promise<{ acted: Acted; written: LoomVideoObject[]; jobs: JobObject[] }> {
  const written: LoomVideoObject[] = [];
  const jobs: JobObject[] = [];
  const acted = await act(input, {
    api,
    settings,
    scope: 'test',
    signal,
    onWritten: (object) => written.push(object),
    onJob: (job) => jobs.push(job),
  });
  return { acted, written, jobs };
}

const steps = (cluster: FakeCluster): string[] =>
  cluster.calls.map(({ method, path }) => `${method} ${path.split('/').slice(6).join('/')}`);

describe('carrying a decision out', () => {
  it('makes the Job, and leaves the status to the next look: other new work goes first', async () => {
    const { cluster, input } = begin();
    const { acted, jobs } = await carryOut(cluster, input);
    assert.equal(acted.kind, 'posted');
    assert.equal(jobs.length, 1);
    const { acted: next, written } = await carryOut(cluster, decided(cluster));
    assert.equal(next.kind, 'done');
    assert.deepEqual(
      cluster.calls.map(({ method, path }) => [method, path]),
      [
        ['patch', `${VIDEOS}/demo`],
        ['create', JOBS],
        ['apply', `${VIDEOS}/demo/status`],
      ],
    );
    const now = cluster.get(`${VIDEOS}/demo`);
    assert.equal(written.at(-1)?.metadata.resourceVersion, now?.metadata.resourceVersion);
    assert.equal(now?.status?.['phase'], 'Pending');
    assert.ok((now.status['job'] as { uid?: string }).uid);
  });

  it('applies the status whole, on the version it was decided for', async () => {
    const { cluster, input } = begin();
    await carryOut(cluster, input);
    await carryOut(cluster, decided(cluster));
    const body = cluster.calls.find(({ method }) => method === 'apply')?.body as LoomVideoObject;
    assert.equal(body.apiVersion, 'qudemo.dev/v1alpha1');
    assert.equal(body.kind, 'LoomVideo');
    assert.ok(body.metadata.resourceVersion);
    assert.equal(body.spec, undefined);
  });

  it('writes no status that is the same', async () => {
    const { cluster, input } = begin();
    await carryOut(cluster, input);
    const again = decided(cluster);
    await carryOut(cluster, again);
    const settled = cluster.calls.length;
    await carryOut(cluster, decided(cluster));
    assert.equal(cluster.calls.length, settled);
  });

  it('stops at a conflict: somebody changed the video in between', async () => {
    const { cluster, input } = begin();
    cluster.change(`${VIDEOS}/demo`, (video) => ({
      ...video,
      metadata: { ...video.metadata, annotations: { changed: 'yes' } },
    }));
    await assert.rejects(
      carryOut(cluster, input),
      (error) => error instanceof ApiError && error.status === 409,
    );
    assert.equal(cluster.all('jobs').length, 0);
  });

  it('keeps the finalizers of others', async () => {
    const cluster = new FakeCluster();
    const video = manifest('demo');
    cluster.put(VIDEOS, { ...video, metadata: { ...video.metadata, finalizers: ['other/one'] } });
    await carryOut(cluster, decided(cluster));
    assert.deepEqual(cluster.get(`${VIDEOS}/demo`)?.metadata.finalizers, ['other/one', 'qudemo.dev/purge']);
    cluster.startDeletion(`${VIDEOS}/demo`);
    await carryOut(cluster, { ...decided(cluster), decision: removal(cluster) });
    assert.deepEqual(cluster.get(`${VIDEOS}/demo`)?.metadata.finalizers, ['other/one']);
  });

  it('takes a finalizer that is gone with its video for removed', async () => {
    const { cluster, input } = begin();
    await carryOut(cluster, input);
    const gone = { ...decided(cluster), decision: removal(cluster) };
    cluster.remove(`${VIDEOS}/demo`);
    assert.equal((await carryOut(cluster, gone)).acted.kind, 'done');
  });

  it('gives a Job its TTL only after the status holds its outcome', async () => {
    const { cluster, input } = begin();
    await carryOut(cluster, input);
    const name = cluster.all('jobs')[0]?.metadata.name ?? '';
    cluster.change(`${JOBS}/${name}`, (job) => ({
      ...job,
      status: { conditions: [{ type: 'Complete', status: 'True' }] },
    }));
    cluster.calls.length = 0;
    cluster.refuse = ({ method }) => (method === 'apply' ? apiError(500, 'InternalError') : undefined);
    await assert.rejects(carryOut(cluster, decided(cluster)));
    assert.equal(cluster.get(`${JOBS}/${name}`)?.spec?.['ttlSecondsAfterFinished'], undefined);
    cluster.refuse = () => undefined;
    const { acted } = await carryOut(cluster, decided(cluster));
    assert.equal(acted.kind, 'recorded');
    await carryOut(cluster, decided(cluster));
    assert.deepEqual(steps(cluster).slice(-2), [`apply loomvideos/demo/status`, `patch jobs/${name}`]);
    assert.equal(cluster.get(`${JOBS}/${name}`)?.spec?.['ttlSecondsAfterFinished'], 3600);
  });

  it('stops a Job with its pods, and only that very one', async () => {
    const { cluster, input } = begin();
    await carryOut(cluster, input);
    await carryOut(cluster, decided(cluster));
    const { name = '', uid } = cluster.all('jobs')[0]?.metadata ?? {};
    cluster.change(`${VIDEOS}/demo`, (video) => ({ ...video, spec: { ...video.spec, suspend: true } }));
    let options: unknown;
    const api = cluster.client();
    const spied: KubeApi = {
      ...api,
      async delete(path, given, stop) {
        options = { path, ...given };
        await api.delete(path, given, stop);
      },
    };
    await carryOut(cluster, decided(cluster), spied);
    assert.deepEqual(options, { path: `${JOBS}/${name}`, uid, propagationPolicy: 'Foreground' });
  });

  function removal(cluster: FakeCluster) {
    const { decision } = decided(cluster);
    return { ...decision, actions: [{ kind: 'remove-finalizer' as const }] };
  }
});

describe('making a Job', () => {
  const { input } = begin();
  const { video, specHash } = input.observation;
  const action = input.decision.actions.find(({ kind }) => kind === 'create-job');
  assert.ok(action?.kind === 'create-job' && input.credentials);
  const posted = jobOf({ video, credentials: input.credentials, settings, scope: 'test', action, specHash });
  const at = `${JOBS}/${posted.metadata.name}`;
  const make = async (api: KubeApi) => createJob(api, posted, { video, component: 'process' }, signal);

  it('finds the one it made when the answer was lost', async () => {
    const cluster = new FakeCluster();
    let lost = false;
    const api = cluster.client(async <T>({ method }: Call, run: () => T) => {
      const answer = run();
      if (method !== 'create' || lost) return answer;
      lost = true;
      throw apiError(0, 'Unreachable');
    });
    await assert.rejects(make(api));
    const made = await make(api);
    assert.ok(made.kind === 'there');
    assert.equal(made.job.metadata.uid, cluster.get(at)?.metadata.uid);
    assert.equal(cluster.all('jobs').length, 1);
  });

  for (const [what, metadata] of [
    ['nobody owns', { ownerReferences: [] }],
    [
      'another video of that name owned',
      { labels: { ...posted.metadata.labels, 'qudemo.dev/video-uid': 'x' } },
    ],
    ['is for another attempt', { labels: { ...posted.metadata.labels, 'qudemo.dev/attempt': '9' } }],
    ['has no label', { labels: {} }],
  ] as const)
    it(`never takes over one that ${what}`, async () => {
      const cluster = new FakeCluster();
      cluster.put(JOBS, { metadata: { ...posted.metadata, ...metadata } });
      const made = await make(cluster.client());
      assert.ok(made.kind === 'rejected');
      assert.match(made.message, /was not made for this video/);
    });

  for (const [what, error] of [
    ['a quota', apiError(403, 'Forbidden', 'exceeded quota: jobs')],
    ['a webhook', apiError(400, 'BadRequest', 'admission webhook "x" denied the request')],
    ['what it holds', apiError(422, 'Invalid', 'Job.batch "x" is invalid')],
    ['no such namespace', apiError(404, 'NotFound', 'namespaces "x" not found')],
  ] as const)
    it(`is told when it is refused for ${what}`, async () => {
      const cluster = new FakeCluster();
      cluster.refuse = ({ method }) => (method === 'create' ? error : undefined);
      assert.deepEqual(await make(cluster.client()), { kind: 'rejected', message: error.message });
    });

  for (const [what, error] of [
    ['the apiserver is overloaded', apiError(429, 'TooManyRequests')],
    ['the apiserver is broken', apiError(500, 'InternalError')],
    ['it is not reached', apiError(0, 'Unreachable')],
    [
      'a quota is being counted',
      apiError(409, 'Conflict', 'Operation cannot be fulfilled on resourcequotas'),
    ],
    ['the credentials have run out', apiError(401, 'Unauthorized')],
  ] as const)
    it(`is left for another try while ${what}`, async () => {
      const cluster = new FakeCluster();
      cluster.refuse = ({ method }) => (method === 'create' ? error : undefined);
      await assert.rejects(make(cluster.client()), error);
    });
});

describe('Events', () => {
  const notice = { type: 'Warning', reason: 'VideoPrivate', message: 'It is private.' } as const;
  const object: LoomVideoObject = { metadata: { name: 'demo', namespace: 'default', uid: 'u' } };

  function announcer(cluster: FakeCluster) {
    let now = NOW;
    const clock: Clock = { now: () => now };
    return {
      announcer: new Announcer({ api: cluster.client(), clock, log: silent, signal }),
      wait: (seconds: number) => (now = later(seconds)),
    };
  }

  it('tell the same once in ten minutes', async () => {
    const cluster = new FakeCluster();
    const { announcer: events, wait } = announcer(cluster);
    events.announce(object, [notice, notice]);
    events.announce(object, [notice]);
    await events.idle();
    assert.equal(cluster.all('events').length, 1);
    wait(601);
    events.announce(object, [notice]);
    await events.idle();
    const [first] = cluster.all('events') as unknown as Record<string, unknown>[];
    assert.equal(cluster.all('events').length, 2);
    assert.equal(first?.['reason'], 'VideoPrivate');
    assert.equal(first['type'], 'Warning');
    assert.equal(first['lastTimestamp'], '2026-11-24T12:00:00Z');
    assert.deepEqual((first['involvedObject'] as { uid: string }).uid, 'u');
  });

  it('that cannot be written stop nothing', async () => {
    const cluster = new FakeCluster();
    cluster.refuse = () => apiError(403, 'Forbidden');
    const { announcer: events } = announcer(cluster);
    events.announce(object, [notice]);
    await events.idle();
    cluster.refuse = () => undefined;
    events.announce(object, [{ ...notice, message: 'Another.' }]);
    await events.idle();
    assert.equal(cluster.all('events').length, 1);
  });
});
