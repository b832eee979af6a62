import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import type { KubeApi } from '../../../controller/kubernetes/api/kubeApi.ts';
import { LoomVideoController } from '../../../controller/kubernetes/runtime/loomVideoController.ts';
import { Metrics } from '../../../controller/kubernetes/telemetry/metrics.ts';
import { apiError, FakeCluster, type Call, type Stored } from './fakeCluster.ts';
import { playJobs } from './fakeJobs.ts';
import { JOBS, jobSettings, manifest, silent, until, VIDEOS } from './world.ts';

interface Running {
  readonly controller: LoomVideoController;
  readonly metrics: Metrics;
  stop(): Promise<void>;
}

const started: AbortController[] = [];
// A test that fails half-way leaves no controller running, which would keep this file from its end.
afterEach(() => {
  for (const stopping of started.splice(0)) stopping.abort(new Error('the test is over'));
});

function start(
  api: KubeApi,
  { total = Number.POSITIVE_INFINITY, settings = jobSettings() } = {},
  namespaces?: readonly string[],
): Running {
  const stopping = new AbortController();
  started.push(stopping);
  const metrics = new Metrics();
  const controller = new LoomVideoController({
    api: metrics.counted(api),
    namespaces,
    settings,
    scope: 'test',
    caps: { total, perNamespace: Number.POSITIVE_INFINITY },
    workers: 4,
    clock: systemClock,
    random: () => 0.5,
    log: silent,
    metrics,
    signal: stopping.signal,
  });
  metrics.read(controller);
  return {
    controller,
    metrics,
    async stop() {
      stopping.abort(new Error('the test is over'));
      await controller.ended;
    },
  };
}

const phaseOf = (cluster: FakeCluster, name: string) => cluster.get(`${VIDEOS}/${name}`)?.status?.['phase'];
const readyOf = (cluster: FakeCluster, name: string) =>
  (
    cluster.get(`${VIDEOS}/${name}`)?.status?.['conditions'] as
      | { type: string; reason: string; message: string }[]
      | undefined
  )?.find(({ type }) => type === 'Ready');
const oom = { exitCode: 137, reason: 'OOMKilled' };
const memoryOf = (job: Stored | undefined) => {
  const spec = job?.spec as
    | { template: { spec: { containers: { resources: { limits: { memory: string } } }[] } } }
    | undefined;
  return spec?.template.spec.containers[0]?.resources.limits.memory;
};

describe('the controller', () => {
  it('makes an applied LoomVideo Ready, and lets its Job go', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    const running = start(cluster.client());
    cluster.put(VIDEOS, manifest('demo'));
    await until('Ready and released', () => {
      const [job] = cluster.all('jobs');
      return job?.spec?.['ttlSecondsAfterFinished'] === 3600;
    });
    await until('seen to be Ready', () => running.controller.phases().get('Ready') === 1);
    await running.stop();
    assert.equal(jobs.made.length, 1);
    const video = cluster.get(`${VIDEOS}/demo`);
    assert.deepEqual(video?.metadata.finalizers, ['qudemo.dev/purge']);
    assert.equal((video?.status?.['video'] as { title: string } | undefined)?.title, 'A demo');
    assert.equal(video?.status?.['attempts'], 1);
    const events = cluster.all('events').map((event) => (event as { reason?: string }).reason);
    assert.ok(events.includes('Starting') && events.includes('Completed'), events.join());
    const text = await running.metrics.registry.metrics();
    assert.match(text, /loomvideo_videos\{phase="Ready"\} 1/);
    assert.match(text, /rest_client_requests_total\{method="POST",code="201"\} [1-9]/);
    assert.match(text, /loomvideo_stage_duration_seconds_count\{stage="transcribe",outcome="Completed"\} 1/);
  });

  it('rests once nothing changes', async () => {
    const cluster = new FakeCluster();
    playJobs(cluster);
    const running = start(cluster.client());
    for (let i = 0; i < 10; i++) cluster.put(VIDEOS, manifest(`demo-${i}`));
    await until('all Ready', () => running.controller.phases().get('Ready') === 10);
    await until('nothing to do', () => running.controller.queueDepth() === 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const calls = cluster.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(cluster.calls.length, calls);
    await running.stop();
  });

  it('gives the next attempt more memory after a kill for want of it', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster, (job, stage) =>
      stage === 'transcribe' && job.metadata.labels?.['qudemo.dev/attempt'] === '1' ? oom : undefined,
    );
    const running = start(cluster.client());
    cluster.put(VIDEOS, manifest('demo'));
    await until('Ready', () => phaseOf(cluster, 'demo') === 'Ready');
    await running.stop();
    assert.deepEqual(jobs.made.map(memoryOf), ['400Mi', '600Mi']);
    assert.match(
      await running.metrics.registry.metrics(),
      /loomvideo_oom_kills_total\{stage="transcribe"\} 1/,
    );
  });

  it('purges a deleted video, then lets it go', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    const running = start(cluster.client());
    cluster.put(VIDEOS, manifest('demo'));
    await until('Ready', () => phaseOf(cluster, 'demo') === 'Ready');
    cluster.startDeletion(`${VIDEOS}/demo`);
    await until('gone', () => !cluster.get(`${VIDEOS}/demo`));
    await running.stop();
    assert.deepEqual(
      jobs.made.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/component']),
      ['process', 'purge'],
    );
  });

  it('lets a namespace go that is deleted, though its rights in it go first', async () => {
    const cluster = new FakeCluster();
    cluster.put(VIDEOS, manifest('demo'));
    const running = start(cluster.client(), {}, ['default']);
    const jobOf = (video: Stored | undefined) => video?.status?.['job'] as { uid?: string } | undefined;
    await until('its Job is known', () => jobOf(cluster.get(`${VIDEOS}/demo`))?.uid !== undefined);
    // What the chart leaves it (rbac.letNamespacesGo).
    const namespace = '/api/v1/namespaces/default';
    cluster.refuse = ({ method, path }) =>
      (method === 'get' && path === namespace) || (method === 'patch' && path === `${VIDEOS}/demo`)
        ? undefined
        : apiError(403, 'Forbidden', 'no rights');
    cluster.change(namespace, (object) => ({ ...object, status: { phase: 'Terminating' } }));
    for (const { metadata } of cluster.all('jobs')) cluster.remove(`${JOBS}/${metadata.name}`);
    cluster.startDeletion(`${VIDEOS}/demo`);
    await until('it is gone', () => cluster.get(`${VIDEOS}/demo`) === undefined);
    await running.stop();
  });

  it('never has more at work than the cap, and takes the oldest first', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    const names: string[] = [];
    // Named against their age, and brought in neither order.
    for (const i of Array.from({ length: 50 }, (_, n) => (n * 17) % 50)) {
      const name = `demo-${String(50 - i).padStart(2, '0')}`;
      names[i] = name;
      const createdAt = new Date(Date.UTC(2026, 10, 24, 12, 0, i)).toISOString();
      const video = manifest(name);
      cluster.put(VIDEOS, { ...video, metadata: { ...video.metadata, creationTimestamp: createdAt } });
    }
    const running = start(cluster.client(), { total: 5 });
    await until('all Ready', () => running.controller.phases().get('Ready') === 50, 30_000);
    await running.stop();
    assert.equal(jobs.highest(), 5);
    assert.equal(jobs.made.length, 50);
    for (const [position, name] of jobs.started.entries())
      assert.ok(Math.abs(names.indexOf(name) - position) < 5, `${name} as number ${position}`);
    assert.equal(running.controller.placesTaken(), 0);
  });

  it('writes few statuses for those that wait', async () => {
    const cluster = new FakeCluster();
    playJobs(cluster);
    for (let i = 0; i < 50; i++) cluster.put(VIDEOS, manifest(`demo-${i}`));
    const running = start(cluster.client(), { total: 5 });
    await until('all Ready', () => running.controller.phases().get('Ready') === 50, 30_000);
    await running.stop();
    const writes = cluster.calls.filter(({ method }) => method === 'apply').length;
    // Queued, Starting, Running in three stages, Ready, and what is seen between.
    assert.ok(writes <= 50 * 9, `${writes} statuses for 50 videos`);
  });

  it('says that credentials are missing, and neither makes a Job nor takes a place', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    const running = start(cluster.client(), { total: 1 });
    cluster.put(VIDEOS, manifest('first', {}));
    cluster.put(VIDEOS, manifest('second'));
    await until('second Ready', () => phaseOf(cluster, 'second') === 'Ready');
    assert.equal(readyOf(cluster, 'first')?.reason, 'CredentialsMissing');
    assert.match(readyOf(cluster, 'first')?.message ?? '', /spec\.credentialsSecretRef/);
    assert.equal(jobs.made.length, 1);
    cluster.change(`${VIDEOS}/first`, (video) => ({
      ...video,
      spec: { ...manifest('first').spec },
      metadata: { ...video.metadata, generation: 2 },
    }));
    await until('first Ready', () => phaseOf(cluster, 'first') === 'Ready');
    await running.stop();
  });

  it('says why the apiserver refuses a Job, without hurry, and lets others go on', async () => {
    const cluster = new FakeCluster();
    playJobs(cluster);
    cluster.refuse = ({ method, path, body }) =>
      method === 'create' && path === JOBS && JSON.stringify(body).includes('a-refused')
        ? apiError(403, 'Forbidden', 'exceeded quota: jobs, used: 5, limited: 5')
        : undefined;
    const running = start(cluster.client(), { total: 1 });
    cluster.put(VIDEOS, manifest('a-refused'));
    cluster.put(VIDEOS, manifest('other'));
    await until('the other Ready', () => phaseOf(cluster, 'other') === 'Ready');
    await until('the first refused', () => readyOf(cluster, 'a-refused')?.reason === 'JobRejected');
    await running.stop();
    assert.match(readyOf(cluster, 'a-refused')?.message ?? '', /exceeded quota/);
    const posts = cluster.calls.filter(
      ({ method, path, body }) =>
        method === 'create' && path === JOBS && JSON.stringify(body).includes('a-refused'),
    );
    assert.equal(posts.length, 1);
  });

  it("never takes over a stranger's Job of the same name", async () => {
    const cluster = new FakeCluster();
    cluster.put(VIDEOS, manifest('demo'));
    const running = start(cluster.client());
    await until('a Job', () => cluster.all('jobs').length === 1);
    await running.stop();
    const name = cluster.all('jobs')[0]?.metadata.name ?? '';

    const other = new FakeCluster();
    other.put(VIDEOS, manifest('demo'));
    other.put(JOBS, { metadata: { name, labels: { mine: 'yes' } } });
    const again = start(other.client());
    await until('refused', () => readyOf(other, 'demo')?.reason === 'JobRejected');
    await again.stop();
    assert.match(readyOf(other, 'demo')?.message ?? '', /was not made for this video/);
    assert.deepEqual(other.get(`${JOBS}/${name}`)?.metadata.labels, { mine: 'yes' });
  });

  it('goes through outages of the apiserver', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    let calls = 0;
    cluster.refuse = ({ method }) =>
      method !== 'list' && ++calls % 3 === 0 ? apiError(503, 'ServiceUnavailable') : undefined;
    const running = start(cluster.client());
    cluster.put(VIDEOS, manifest('demo'));
    await until('Ready', () => phaseOf(cluster, 'demo') === 'Ready');
    await running.stop();
    assert.equal(jobs.made.length, 1);
  });

  it('works in the namespaces it is told, and leaves the others alone', async () => {
    const cluster = new FakeCluster();
    playJobs(cluster);
    const elsewhere = VIDEOS.replace('default', 'elsewhere');
    const running = start(cluster.client(), {}, ['default', 'team-a']);
    cluster.put(VIDEOS, manifest('demo'));
    cluster.put(VIDEOS.replace('default', 'team-a'), manifest('demo'));
    cluster.put(elsewhere, manifest('demo'));
    await until('both Ready', () => running.controller.phases().get('Ready') === 2);
    await running.stop();
    assert.equal(cluster.get(`${elsewhere}/demo`)?.status, undefined);
  });

  it('goes on in the others when it may not look into one of its namespaces, and says that all is well', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    const theirs = VIDEOS.replace('default', 'team-a');
    cluster.put(theirs, manifest('theirs'));
    cluster.put(VIDEOS, manifest('ours'));
    cluster.refuse = ({ path }) =>
      path.includes('/namespaces/team-a/') ? apiError(403, 'Forbidden', 'no rights') : undefined;
    const running = start(cluster.client(), {}, ['default', 'team-a']);
    await until('Ready', () => phaseOf(cluster, 'ours') === 'Ready');
    assert.equal(running.controller.synced, true);
    assert.ok([...running.controller.watchAges().values()].every((age) => age < 30));
    await running.stop();
    assert.equal(jobs.made.length, 1);
  });

  for (const [what, blocked] of [
    ['its Jobs', '/jobs'],
    ['its pods', '/pods'],
  ] as const)
    it(`begins nothing for a video whose namespace does not show ${what}`, async () => {
      const cluster = new FakeCluster();
      const jobs = playJobs(cluster);
      cluster.put(VIDEOS.replace('default', 'team-a'), manifest('theirs'));
      cluster.put(VIDEOS, manifest('ours'));
      cluster.refuse = ({ method, path }) =>
        method === 'list' && path.endsWith(`/namespaces/team-a${blocked}`)
          ? apiError(403, 'Forbidden', 'no rights')
          : undefined;
      const running = start(cluster.client(), {}, ['default', 'team-a']);
      await until('Ready', () => phaseOf(cluster, 'ours') === 'Ready');
      await running.stop();
      assert.deepEqual(
        jobs.made.map(({ metadata }) => metadata.namespace),
        ['default'],
      );
    });

  it('is not in sync where it may look nowhere', async () => {
    const cluster = new FakeCluster();
    cluster.refuse = ({ method }) =>
      method === 'list' ? apiError(403, 'Forbidden', 'no rights') : undefined;
    const running = start(cluster.client(), {}, ['default', 'team-a']);
    await sleep(100);
    assert.equal(running.controller.synced, false);
    await running.stop();
  });

  it('makes an embedded Job where no service is set up', async () => {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster);
    const running = start(cluster.client(), {
      total: 1,
      settings: jobSettings({ embedded: { claimName: 'store' } }),
    });
    cluster.put(VIDEOS, manifest('demo', {}));
    await until('Ready', () => phaseOf(cluster, 'demo') === 'Ready');
    await running.stop();
    assert.match(JSON.stringify(jobs.made[0]), /"claimName":"store"/);
  });
});

describe('a controller that dies', () => {
  /** The whole life of a video: an attempt killed for memory, one that succeeds, deletion and purge. */
  async function live(crash: (calls: number) => 'before' | 'after' | undefined): Promise<number> {
    const cluster = new FakeCluster();
    const jobs = playJobs(cluster, (job, stage) =>
      stage === 'transcribe' && job.metadata.labels?.['qudemo.dev/attempt'] === '1' ? oom : undefined,
    );
    let calls = 0;
    let crashed = false;
    const lives: Running[] = [];
    const graves: (() => void)[] = [];
    const born = (): void => {
      let dead = false;
      const buried = async <T>(): Promise<T> =>
        new Promise<T>((_, reject) => graves.push(() => reject(new Error('the process is gone'))));
      const mortal = async <T>(call: Call, run: () => T): Promise<T> => {
        if (dead) return buried<T>();
        // Events are words only, told aside.
        const when = crashed || call.path.endsWith('/events') ? undefined : crash(++calls);
        if (when === undefined) return run();
        crashed = true;
        dead = true;
        setImmediate(born);
        if (when === 'after')
          try {
            run();
          } catch {
            // Whatever the answer was, it is lost.
          }
        return buried<T>();
      };
      lives.push(start(cluster.client(mortal), { total: 1 }));
    };
    born();
    cluster.put(VIDEOS, manifest('demo'));
    await until('Ready', () => phaseOf(cluster, 'demo') === 'Ready');
    cluster.startDeletion(`${VIDEOS}/demo`);
    await until('gone', () => !cluster.get(`${VIDEOS}/demo`));
    await until('born again', () => lives.length === (crashed ? 2 : 1));
    const stopped = lives.map((life) => life.stop());
    for (const bury of graves) bury();
    await Promise.all(stopped);
    const made = jobs.made.map(({ metadata }) => {
      const { labels = {} } = metadata;
      return `${labels['app.kubernetes.io/component']} ${labels['qudemo.dev/run'] ?? ''} ${labels['qudemo.dev/attempt']}`;
    });
    assert.deepEqual(made, ['process 1 1', 'process 1 2', 'purge  1'], 'each attempt has one Job');
    assert.deepEqual(jobs.made.slice(0, 2).map(memoryOf), ['400Mi', '600Mi']);
    return calls;
  }

  for (const when of ['before', 'after'] as const)
    it(`${when} any of its calls loses nothing and does nothing twice`, async () => {
      const total = await live(() => undefined);
      assert.ok(total > 12, `${total} calls`);
      for (let n = 1; n <= total; n++) await live((call) => (call === n ? when : undefined));
    });
});
