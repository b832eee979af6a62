import { encodeReport } from '../../../jobrunner/contract/encodeReport.ts';
import { exitCodeOf } from '../../../jobrunner/contract/exitCodes.ts';
import { OOM_REASON } from '../../../jobrunner/contract/oomReason.ts';
import { factsOf, type FailureClass, type Reason } from '../../../jobrunner/contract/reasons.ts';
import type { StageName, StageReport } from '../../../jobrunner/contract/stageReport.ts';
import type { FakeCluster, Stored } from '../../unit/kubernetes/fakeCluster.ts';
import { succeededReport } from '../../unit/reconcile/world.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import { SECRET } from '../statusRules.ts';

/** How the attempt of a Job ended, as whoever looks may be told of it. */
export interface Told {
  readonly kind: FailureClass | 'infrastructure' | 'success';
  /** One of these is told of a failure. */
  readonly reasons: ReadonlySet<string>;
}

/** A Job from its making until it is gone. */
export interface PlayedJob {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly videoUid: string;
  readonly component: 'process' | 'purge';
  readonly run: number;
  readonly specHash: string;
  /** In the order of all that was made. */
  readonly serial: number;
  told: Told | undefined;
  /** Somebody who is not the operator took it away, or its pod, before all was said. */
  stolen: boolean;
  /** Its pods may still run. */
  atWork: boolean;
  gone: boolean;
}

export interface JobPlayerOptions {
  readonly cluster: FakeCluster;
  readonly random: Random;
  readonly history: History;
  readonly onMade: (job: PlayedJob, object: Stored) => void;
}

const PERMANENT = ['VideoPrivate', 'VideoNotFound', 'InvalidFile'] as const;
const TRANSIENT = ['LoomUnavailable', 'RateLimited', 'StoreUnavailable', 'DownloadFailed'] as const;
const CONFIGURATION = ['CredentialsRejected', 'StoreMisconfigured'] as const;

type Ending =
  | { readonly kind: 'well' | 'hangs' | 'lost' | 'disrupted' | 'killed' | 'oom' }
  | { readonly kind: 'says'; readonly reason: Reason; readonly retryAfterSeconds?: number }
  | { readonly kind: 'mute'; readonly exitCode: number; readonly message: string };

type Kind = Exclude<Ending['kind'], 'says' | 'mute'> | FailureClass | 'bare' | 'broken' | 'lie';

/** The Job controller, the scheduler, kubelet and the garbage collector, with all that goes wrong there. */
export class JobPlayer {
  readonly #options: JobPlayerOptions;
  readonly jobs: PlayedJob[] = [];
  /** Stages end well, nearly all of them. */
  calm = false;
  /** No node takes a pod. */
  starved = false;
  #serials = 0;
  /** Wakes whoever waits for a node. */
  readonly #waiting = new Set<() => void>();

  constructor(options: JobPlayerOptions) {
    this.#options = options;
    options.cluster.onChange((resource, object, before) => {
      if (resource === 'jobs') this.#jobChanged(object, before);
      if (resource === 'loomvideos' && !object && before) void this.#collect(before);
    });
  }

  feed(): void {
    this.starved = false;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** A stranger deletes a Job and its pod at once. */
  steal(job: PlayedJob): void {
    job.stolen = true;
    this.#removePods(job);
    this.#options.cluster.remove(pathOf(job));
  }

  /** A stranger deletes the pods of a Job. */
  stealPod(job: PlayedJob): void {
    job.stolen = true;
    this.#removePods(job);
    if (this.#isActive(job)) this.#finish(job, 'BackoffLimitExceeded', told('infrastructure', 'PodLost'));
  }

  #jobChanged(object: Stored | undefined, before: Stored | undefined): void {
    if (object && !before) {
      const { labels = {}, uid, name, namespace = '' } = object.metadata;
      const job: PlayedJob = {
        ...{ uid, name, namespace, serial: ++this.#serials },
        videoUid: labels['qudemo.dev/video-uid'] ?? '',
        component: labels['app.kubernetes.io/component'] === 'purge' ? 'purge' : 'process',
        run: Number(labels['qudemo.dev/run'] ?? 0),
        specHash: labels['qudemo.dev/spec-hash'] ?? '',
        ...{ told: undefined, stolen: false, atWork: true, gone: false },
      };
      this.#options.onMade(job, object);
      this.jobs.push(job);
      void this.#play(job, object);
      return;
    }
    const job = this.jobs.find(({ uid }) => uid === (object ?? before)?.metadata.uid);
    if (!job) return;
    if (!object) Object.assign(job, { gone: true, atWork: false });
    else if (object.metadata.deletionTimestamp !== undefined && !before?.metadata.deletionTimestamp)
      void this.#end(job);
    else if (object.spec?.['ttlSecondsAfterFinished'] !== before?.spec?.['ttlSecondsAfterFinished'])
      this.#planTtl(job, object);
  }

  async #play(job: PlayedJob, object: Stored): Promise<void> {
    const { random } = this.#options;
    const deadline = Number(object.spec?.['activeDeadlineSeconds'] ?? 600);
    const stages: readonly StageName[] =
      job.component === 'process' ? ['fetch', 'transcribe', 'index'] : ['purge'];
    setTimeout(() => void this.#overdue(job), deadline * 1000);
    await sleep(random.whole(0, 2000));
    for (let pods = 1; this.#isActive(job); pods++) {
      const ended = await this.#playPod(job, object, stages, pods);
      if (ended !== 'again') return;
    }
  }

  async #playPod(
    job: PlayedJob,
    object: Stored,
    stages: readonly StageName[],
    number: number,
  ): Promise<'again' | 'over'> {
    const { cluster, random } = this.#options;
    const { labels = {}, annotations = {} } = object.metadata;
    const path = `/api/v1/namespaces/${job.namespace}/pods`;
    if (isTerminating(cluster, job.namespace)) return 'over';
    const name = `${job.name}-${job.uid}-${number}`;
    cluster.put(path, {
      metadata: {
        ...{ name, labels, annotations },
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'Job', name: job.name, uid: job.uid, controller: true },
        ],
      },
    });
    const at = `${path}/${name}`;
    const here = (): boolean => cluster.get(at) !== undefined;
    const states: Record<string, object> = Object.fromEntries(
      stages.map((stage) => [stage, { waiting: { reason: 'PodInitializing' } }]),
    );
    const show = (phase: string, conditions: readonly object[] = []): void => {
      const statuses = Object.entries(states).map(([stage, state]) => ({ name: stage, state }));
      cluster.change(at, (old) => ({
        ...old,
        status: {
          ...{ phase, conditions },
          initContainerStatuses: statuses.slice(0, -1),
          containerStatuses: statuses.slice(-1),
        },
      }));
    };
    while (this.starved && here()) {
      cluster.change(at, (old) => ({
        ...old,
        status: {
          phase: 'Pending',
          conditions: [
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node' },
          ],
        },
      }));
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    for (const stage of stages) {
      await sleep(random.whole(10, 3000));
      if (!here()) return 'over';
      const startedAt = new Date().toISOString();
      states[stage] = { running: { startedAt } };
      show('Running');
      await sleep(random.chance(0.1) ? 0 : random.whole(100, 20_000));
      if (!here()) return 'over';
      const ending = this.#endingOf(stage);
      const finishedAt = new Date().toISOString();
      const end = (exitCode: number, reason: string, message = ''): void => {
        states[stage] = { terminated: { ...{ exitCode, reason, message, startedAt, finishedAt } } };
        show(exitCode === 0 && stage !== stages.at(-1) ? 'Running' : exitCode === 0 ? 'Succeeded' : 'Failed');
      };
      const report = (facts: Partial<StageReport>): string =>
        // oxlint-disable-next-line no-unsafe-type-assertion -- some of them lie
        encodeReport({ ...succeededReport(stage), startedAt, finishedAt, ...facts } as StageReport);
      switch (ending.kind) {
        case 'hangs':
          return 'over';
        case 'well':
          // A report that lies about an exit that went well is not believed, and changes nothing.
          end(
            0,
            'Completed',
            random.chance(0.03) ? random.pick(['{', report({ stage: 'purge' }), SECRET]) : report({}),
          );
          break;
        case 'lost':
          await sleep(random.whole(0, 500));
          if (here()) this.stealPod(job);
          return 'over';
        case 'disrupted':
          states[stage] = { terminated: { exitCode: 137, reason: 'Error', startedAt, finishedAt } };
          show('Failed', [{ type: 'DisruptionTarget', status: 'True', message: 'The node is drained' }]);
          await sleep(random.whole(0, 3000));
          if (here()) cluster.remove(at);
          return 'again';
        case 'killed':
          end(random.pick([137, 143]), 'Error');
          return this.#fail(job, told('infrastructure', 'PodKilled'));
        case 'oom':
          end(137, 'OOMKilled');
          return this.#fail(job, told('memory', OOM_REASON[stage]));
        case 'mute': {
          end(ending.exitCode, 'Error', ending.message === 'lie' ? report({}) : ending.message);
          const kind = CLASS_OF_EXIT[ending.exitCode] ?? 'transient';
          return this.#fail(job, told(kind, kind === 'memory' ? 'MemoryLimitExceeded' : 'StageFailed'));
        }
        case 'says': {
          const { reason, retryAfterSeconds } = ending;
          end(
            exitCodeOf(reason),
            'Error',
            report({
              ...{ outcome: 'Failed', reason, message: `${stage} says ${reason}.` },
              ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
            }),
          );
          return this.#fail(job, told(factsOf(reason).class, reason));
        }
      }
    }
    await sleep(random.whole(0, 1500));
    if (!this.#isActive(job)) return 'over';
    this.#finish(job, undefined, told('success'));
    if (!this.calm && random.chance(0.1)) this.#removePods(job);
    return 'over';
  }

  /** The pod's end is told first, the Job's a little later. */
  async #fail(job: PlayedJob, as: Told): Promise<'over'> {
    await sleep(this.#options.random.whole(0, 1500));
    if (this.#isActive(job)) this.#finish(job, 'PodFailurePolicy', as);
    return 'over';
  }

  #endingOf(stage: StageName): Ending {
    const { random } = this.#options;
    const kind = random.weighted<Kind>(
      this.calm
        ? { well: 60, permanent: stage === 'purge' ? 0 : 1, transient: 1 }
        : {
            ...{
              well: 70,
              permanent: 2,
              transient: 6,
              memory: 3,
              configuration: 1,
              oom: 3,
              bare: 2,
              broken: 2,
            },
            ...{ lie: 2, killed: 3, disrupted: 3, lost: 2, hangs: 1.5 },
          },
    );
    switch (kind) {
      case 'permanent':
        return { kind: 'says', reason: random.pick(PERMANENT) };
      case 'transient': {
        const asks = random.chance(0.3);
        return {
          kind: 'says',
          reason: random.pick(TRANSIENT),
          ...(asks && { retryAfterSeconds: random.whole(1, 100) }),
        };
      }
      case 'memory':
        return { kind: 'says', reason: 'MemoryLimitExceeded' };
      case 'configuration':
        return { kind: 'says', reason: random.pick(CONFIGURATION) };
      case 'bare':
        return { kind: 'mute', exitCode: random.pick([1, 10, 20, 30, 40, 139]), message: '' };
      case 'broken':
        return {
          kind: 'mute',
          exitCode: random.pick([1, 10, 20]),
          message: `Error: key ${SECRET} at line 1`,
        };
      case 'lie':
        return { kind: 'mute', exitCode: random.pick([10, 20]), message: 'lie' };
      default:
        return { kind };
    }
  }

  #finish(job: PlayedJob, failure: string | undefined, as: Told): void {
    const { cluster, history } = this.#options;
    const condition = failure
      ? { type: 'Failed', status: 'True', reason: failure, message: 'it failed' }
      : { type: 'Complete', status: 'True' };
    Object.assign(job, { told: as, atWork: false });
    history.note(`${job.name} ends: ${as.kind} ${[...as.reasons].join()}`);
    const object = cluster.change(pathOf(job), (old) => ({
      ...old,
      status: { conditions: [condition], finishedAt: Date.now() },
    }));
    this.#planTtl(job, object);
  }

  async #overdue(job: PlayedJob): Promise<void> {
    if (!this.#isActive(job)) return;
    this.#removePods(job);
    await sleep(this.#options.random.whole(0, 2000));
    if (!this.#isActive(job)) return;
    this.#finish(job, 'DeadlineExceeded', told('transient', 'DeadlineExceeded', 'NotStarted'));
  }

  /** Foreground: pods first, then the Job. */
  async #end(job: PlayedJob): Promise<void> {
    const { cluster, random } = this.#options;
    await sleep(random.whole(0, 8000));
    this.#removePods(job);
    await sleep(random.whole(0, 1000));
    if (cluster.get(pathOf(job))?.metadata.uid === job.uid) cluster.remove(pathOf(job));
  }

  #planTtl(job: PlayedJob, object: Stored): void {
    const seconds = object.spec?.['ttlSecondsAfterFinished'];
    const finishedAt = object.status?.['finishedAt'];
    if (typeof seconds !== 'number' || typeof finishedAt !== 'number') return;
    setTimeout(
      () => {
        if (cluster.get(pathOf(job))?.metadata.uid !== job.uid) return;
        this.#removePods(job);
        cluster.remove(pathOf(job));
      },
      finishedAt + seconds * 1000 - Date.now(),
    );
    const { cluster } = this.#options;
  }

  /** Owned objects follow their owner. */
  async #collect(video: Stored): Promise<void> {
    const { cluster, random } = this.#options;
    await sleep(random.whole(0, 3000));
    for (const job of cluster.all('jobs'))
      if (job.metadata.ownerReferences?.some(({ uid }) => uid === video.metadata.uid))
        cluster.startDeletion(pathOf(job.metadata));
  }

  #isActive(job: PlayedJob): boolean {
    const object = this.#options.cluster.get(pathOf(job));
    return (
      object?.metadata.uid === job.uid &&
      object.metadata.deletionTimestamp === undefined &&
      object.status?.['conditions'] === undefined
    );
  }

  #removePods({ namespace, uid }: PlayedJob): void {
    const { cluster } = this.#options;
    for (const { metadata } of cluster.all('pods'))
      if (metadata.ownerReferences?.some((owner) => owner.uid === uid))
        cluster.remove(`/api/v1/namespaces/${namespace}/pods/${metadata.name}`);
  }
}

const CLASS_OF_EXIT: Readonly<Record<number, FailureClass>> = {
  10: 'permanent',
  20: 'transient',
  30: 'memory',
  40: 'configuration',
};

function told(kind: Told['kind'], ...reasons: readonly string[]): Told {
  return { kind, reasons: new Set(reasons) };
}

export function pathOf({
  namespace = '',
  name,
}: {
  readonly namespace?: string;
  readonly name: string;
}): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
}

export function isTerminating(cluster: Pick<FakeCluster, 'get'>, namespace: string): boolean {
  const object = cluster.get(`/api/v1/namespaces/${namespace}`);
  return !object || object.status?.['phase'] === 'Terminating';
}

async function sleep(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
