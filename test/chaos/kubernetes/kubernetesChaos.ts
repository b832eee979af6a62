import { createLogger } from '../../../common/log.ts';
import type { LoomVideoSpecInput } from '../../../crds/generated/loomvideo.ts';
import { FORCE_DELETE_ANNOTATION, RETRY_ANNOTATION } from '../../../controller/reconcile/names.ts';
import { Metrics } from '../../../controller/kubernetes/telemetry/metrics.ts';
import { apiError, FakeCluster, type Stored } from '../../unit/kubernetes/fakeCluster.ts';
import { CREDENTIALS, jobSettings, manifest } from '../../unit/kubernetes/world.ts';
import { must, type History } from '../history.ts';
import { seeded } from '../random.ts';
import { SECRET } from '../statusRules.ts';
import type { VirtualTime } from '../virtualTime.ts';
import { isTerminating, JobPlayer } from './jobPlayer.ts';
import { CALM } from './line.ts';
import { Model } from './model.ts';
import { Replica } from './replica.ts';

/** Things that happen in one history, before all is calm. */
const EVENTS = 150;
const NAMES = ['a', 'b', 'c', 'd'] as const;
const NAMESPACES = ['default', 'team-a'] as const;
const URLS = ['0', '1', '2'].map((digit) => `https://www.loom.com/share/${digit.repeat(32)}`);
/** Within this time all has to be as it should; milliseconds. The longest waits of the product are ten minutes. */
const SETTLED_WITHIN_MS = 4 * 3600_000;
/** A finished Job is kept for an hour. */
const JOBS_KEPT_MS = 2 * 3600_000;

/** The operator, two replicas of it, on a cluster in which everything happens. */
export async function kubernetesChaos(seed: number, time: VirtualTime, history: History): Promise<string> {
  const random = seeded(seed);
  const cluster = new FakeCluster();
  const faults: unknown[] = [];
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      faults.push(error);
    }
  };
  const model = new Model({
    get: (path) => cluster.get(path),
    all: (resource) => cluster.all(resource),
    onChange: (listener) => cluster.onChange((...told) => guarded(() => listener(...told))),
  });
  const player = new JobPlayer({
    ...{ cluster, random, history },
    onMade: (job, object) => guarded(() => model.jobMade(job, object)),
  });
  cluster.refuse = ({ method, path }) => {
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
    return method === 'create' && namespace !== undefined && isTerminating(cluster, namespace)
      ? apiError(403, 'Forbidden', `namespace ${namespace} because it is being terminated`)
      : undefined;
  };
  const log = createLogger({
    level: 'debug',
    format: 'json',
    write: (line) => {
      guarded(() => must(!line.includes(SECRET), `no secret in a log line: ${line}`));
      if (line.includes('"level":"error"')) history.note(`log: ${line.trim()}`);
    },
  });
  const total = random.pick([1, 2, Number.POSITIVE_INFINITY]);
  const namespaces = random.pick([undefined, NAMESPACES]);
  const settings = jobSettings({ startAllowanceSeconds: 60 });
  const metrics = new Metrics();
  const replicas = (['left', 'right'] as const).map(
    (name) =>
      new Replica({
        ...{ name, cluster, random, history, settings, namespaces, metrics, log },
        caps: { total, perNamespace: random.pick([2, Number.POSITIVE_INFINITY]) },
        onFault: (error) => faults.push(error),
      }),
  );
  const check = (): void => {
    if (faults.length > 0) throw faults[0];
  };

  for (let event = 0; event < EVENTS; event++) {
    happen();
    await time.pass(random.chance(0.1) ? random.whole(30_000, 400_000) : random.whole(0, 6000));
    check();
  }

  history.note('calm');
  player.calm = true;
  player.feed();
  for (const replica of replicas) {
    replica.setWeather(CALM);
    replica.clockOffMs = 0;
    if (replica.line) replica.line.cutUntil = 0;
  }
  for (let waited = 0; model.unsettled() !== undefined; waited += 60_000) {
    must(waited < SETTLED_WITHIN_MS, `all ends in time: ${model.unsettled()}`);
    await time.pass(60_000);
    check();
  }
  await time.pass(JOBS_KEPT_MS);
  check();
  const writes = (): number =>
    cluster.calls.filter(({ method, path }) => !['get', 'list'].includes(method) && !path.includes('/leases'))
      .length;
  const before = writes();
  await time.pass(1800_000);
  check();
  must(writes() === before, `nothing is written where nothing changes: ${writes() - before} writes`);
  for (const replica of replicas) replica.retire();
  await time.pass(60_000);
  check();
  model.checkEnd();
  const phases = cluster.all('loomvideos').map(({ status }) => String(status?.['phase']));
  return `${player.jobs.length} Jobs, ${writes()} writes; ${phases.join(' ') || 'all gone'}`;

  function happen(): void {
    const kind = random.weighted({
      ...{ create: 12, edit: 6, suspend: 4, retry: 5, delete: 5, force: 0.7, retain: 0.5 },
      ...{ kill: 3, dies: 8, stop: 2, cut: 3, clock: 3, weather: 6, watches: 6 },
      ...{ steal: 3, stealPod: 3, starve: 1, feed: 3, namespace: 0.6, nothing: 20 },
    });
    const replica = random.pick(replicas);
    switch (kind) {
      case 'create':
        create();
        break;
      case 'edit':
        change('edits', ({ spec }) => ({ ...spec, ...edit() }));
        break;
      case 'suspend':
        change('suspends or resumes', ({ spec }) => ({ ...spec, suspend: spec?.['suspend'] !== true }));
        break;
      case 'retain':
        change('retains', ({ spec }) => ({ ...spec, deletionPolicy: 'Retain' }));
        break;
      case 'retry':
        annotate(RETRY_ANNOTATION, String(random.next()));
        break;
      case 'force':
        annotate(FORCE_DELETE_ANNOTATION, 'true');
        break;
      case 'delete': {
        const video = some();
        if (!video) break;
        history.note(`user deletes ${keyOf(video)}`);
        cluster.startDeletion(pathOf(video));
        break;
      }
      case 'kill':
        history.note(`${replica === replicas[0] ? 'left' : 'right'} is killed`);
        replica.kill();
        break;
      case 'dies':
        replica.line?.dieAt(random.whole(1, 12), random.pick(['before', 'after']));
        break;
      case 'stop':
        history.note('a replica is asked to stop');
        replica.stop();
        break;
      case 'cut':
        if (replica.line) replica.line.cutUntil = Date.now() + random.whole(1000, 40_000);
        history.note('a replica is cut off');
        break;
      case 'clock':
        replica.clockOffMs = random.chance(0.5) ? 0 : random.whole(-3600_000, 3600_000);
        history.note(`a replica's clock is off by ${replica.clockOffMs} ms`);
        break;
      case 'weather':
        replica.setWeather(
          random.chance(0.4)
            ? CALM
            : { fails: random.next() * 0.4, late: random.next() * 0.3, watch: random.next() * 0.3 },
        );
        break;
      case 'watches':
        replica.line?.disturbWatches(random.pick(['cut', 'silent', 'expired']));
        break;
      case 'steal':
      case 'stealPod': {
        const victims = player.jobs.filter(({ gone }) => !gone);
        if (victims.length === 0) break;
        const victim = random.pick(victims);
        history.note(`a stranger takes ${kind === 'steal' ? '' : 'the pod of '}${victim.name}`);
        if (kind === 'steal') player.steal(victim);
        else player.stealPod(victim);
        break;
      }
      case 'starve':
        player.starved = true;
        history.note('no node takes a pod');
        break;
      case 'feed':
        player.feed();
        break;
      case 'namespace':
        void endNamespace('team-a');
        break;
      case 'nothing':
        break;
    }
  }

  function create(): void {
    const name = random.pick(NAMES);
    const namespace = random.pick(NAMESPACES);
    const path = `/apis/qudemo.dev/v1alpha1/namespaces/${namespace}/loomvideos`;
    if (cluster.get(`${path}/${name}`) || isTerminating(cluster, namespace)) return;
    history.note(`user creates ${namespace}/${name}`);
    cluster.put(
      path,
      manifest(name, { ...(random.chance(0.95) && CREDENTIALS), url: random.pick(URLS), ...edit() }),
    );
  }

  function edit(): Partial<LoomVideoSpecInput> {
    return random.pick([
      { transcription: { source: random.pick(['auto', 'captions', 'whisper']) } },
      { timeout: random.pick(['1m', '2m', '10m']) },
      { maxAttempts: random.whole(1, 5) },
      { memory: { limit: '400Mi', max: random.pick(['400Mi', '800Mi', '1600Mi']), factor: '1.5' } },
    ]);
  }

  function some(): Stored | undefined {
    const videos = cluster.all('loomvideos');
    return videos.length === 0 ? undefined : random.pick(videos);
  }

  function change(what: string, spec: (video: Stored) => object): void {
    const video = some();
    if (!video) return;
    const { generation = 1 } = video.metadata;
    const changed = spec(video);
    if (JSON.stringify(changed) === JSON.stringify(video.spec)) return;
    history.note(`user ${what} ${keyOf(video)}: ${JSON.stringify(changed)}`);
    cluster.change(pathOf(video), (old) => ({
      ...old,
      metadata: { ...old.metadata, generation: generation + 1 },
      spec: { ...changed },
    }));
  }

  function annotate(name: string, value: string): void {
    const video = some();
    if (!video) return;
    history.note(`user annotates ${keyOf(video)} with ${name}`);
    cluster.change(pathOf(video), (old) => ({
      ...old,
      metadata: { ...old.metadata, annotations: { ...old.metadata.annotations, [name]: value } },
    }));
  }

  /** Everything in it goes, then the namespace; then it is made again. */
  async function endNamespace(namespace: string): Promise<void> {
    if (isTerminating(cluster, namespace)) return;
    history.note(`user deletes the namespace ${namespace}`);
    const at = `/api/v1/namespaces/${namespace}`;
    cluster.change(at, (old) => ({ ...old, status: { phase: 'Terminating' } }));
    const isIn = ({ metadata }: Stored): boolean => metadata.namespace === namespace;
    for (;;) {
      await new Promise<void>((resolve) => setTimeout(resolve, random.whole(500, 5000)));
      const videos = cluster.all('loomvideos').filter(isIn);
      const jobs = cluster.all('jobs').filter(isIn);
      for (const video of videos) cluster.startDeletion(pathOf(video));
      for (const { metadata } of jobs)
        cluster.startDeletion(`/apis/batch/v1/namespaces/${namespace}/jobs/${metadata.name}`);
      for (const job of player.jobs) if (job.namespace === namespace && !job.gone) job.stolen = true;
      if (videos.length + jobs.length + cluster.all('pods').filter(isIn).length > 0) continue;
      cluster.remove(at);
      history.note(`the namespace ${namespace} is gone`);
      await new Promise<void>((resolve) => setTimeout(resolve, random.whole(1000, 20_000)));
      cluster.put('/api/v1/namespaces', { metadata: { name: namespace } });
      return;
    }
  }
}

function pathOf({ metadata: { namespace = '', name } }: Stored): string {
  return `/apis/qudemo.dev/v1alpha1/namespaces/${namespace}/loomvideos/${name}`;
}

function keyOf({ metadata: { namespace = '', name } }: Stored): string {
  return `${namespace}/${name}`;
}
