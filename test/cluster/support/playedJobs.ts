import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../../controller/kubernetes/api/kubeApi.ts';
import {
  ATTEMPT_LABEL,
  COMPONENT_LABEL,
  VIDEO_NAME_ANNOTATION,
} from '../../../controller/kubernetes/job/labels.ts';
import type { JobObject } from '../../../controller/kubernetes/objects.ts';
import { jobPath, jobsPath, podsPath } from '../../../controller/kubernetes/paths.ts';
import { encodeReport } from '../../../jobrunner/contract/encodeReport.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import { succeededReport } from '../../unit/reconcile/world.ts';
import type { Cluster } from '../cluster.ts';
import type { Apiserver } from './apiserver.ts';
import { within } from './within.ts';

/** Namespaces with this label: their Jobs are nobody's but the player's. */
export const PLAYED = { 'loomvideo.test/jobs': 'played' };
const PLAYER = 'loomvideo.test/player';
const POLICY = 'loomvideo-test-played-jobs';

/** How a Job goes. */
export interface Play {
  /** Milliseconds of each stage. 0: only how the pod ends is shown, as where a watch is slower than the stages. */
  readonly stageMs: number;
  /** The stage that breaks, in kubelet's words. */
  readonly breaks?: { readonly stage: StageName; readonly exitCode: number; readonly reason: string };
  /** Waited for before the Job ends; its stages are done by then. */
  readonly until?: Promise<unknown>;
  /** Milliseconds by which the node's clock, that of all its times, is ahead. */
  readonly clockMs?: number;
}

export type Script = (job: {
  readonly video: string;
  readonly attempt: number;
  readonly purge: boolean;
}) => Play;

/**
 * Jobs made in labelled namespaces are from now on the player's: the apiserver itself marks them with `spec.managedBy`,
 * which the Job controller heeds (Kubernetes 1.32), by a MutatingAdmissionPolicy (1.36).
 */
export async function reserveJobs(cluster: Cluster, apiserver: Apiserver, namespace: string): Promise<void> {
  await cluster.apply(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: POLICY },
      spec: {
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] },
          ],
        },
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: { expression: `Object{spec: Object.spec{managedBy: "${PLAYER}"}}` },
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: POLICY },
      spec: {
        policyName: POLICY,
        matchResources: { namespaceSelector: { matchLabels: PLAYED } },
      },
    },
  );
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'index', image: 'none' }] } };
  const probe = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'probe' }, spec: { template } };
  // The apiserver takes a new policy up within a second or so, and says nowhere when it has.
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(100)) {
    const { body } = await apiserver.ask('POST', jobsPath(namespace), {
      query: { dryRun: 'All' },
      body: probe,
    });
    if ((body as { spec?: { managedBy?: string } }).spec?.managedBy === PLAYER) return;
  }
  throw new Error('the apiserver does not mark Jobs by MutatingAdmissionPolicy: Kubernetes 1.36 is needed');
}

export interface Player {
  /** Resolves when a Job of this video is under way, and its stages are done where it waits for `until`. */
  reached(video: string, attempt: number, what: 'begun' | 'staged'): Promise<void>;
}

/** Plays the Job controller, the scheduler and kubelet for the Jobs of a namespace; the rest is the cluster's. */
export async function playJobs(
  apiserver: Apiserver,
  namespace: string,
  script: Script,
  signal: AbortSignal,
): Promise<Player> {
  const played = new Set<string>();
  const reached = new Set<string>();
  const waiting = new Set<() => void>();
  const reach = (video: string, attempt: number, what: string): void => {
    reached.add(`${video} ${attempt} ${what}`);
    for (const look of waiting) look();
  };

  await apiserver.follow<JobObject>(
    jobsPath(namespace),
    ({ kind, object }) => {
      const { uid = '', deletionTimestamp } = object.metadata;
      const over = object.status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed');
      if (kind === 'gone' || deletionTimestamp || over || played.has(uid)) return;
      played.add(uid);
      play(object).catch((error: unknown) => {
        // A Job that somebody deleted while it was played is as it should be.
        if (!signal.aborted && !/: (404|409) /.test(String(error))) console.error('player:', error);
      });
    },
    { signal },
  );
  return {
    async reached(video, attempt, what) {
      await within(
        20_000,
        `${video}, attempt ${attempt}, is ${what}`,
        () => [...reached].join('; '),
        waiting,
        () => (reached.has(`${video} ${attempt} ${what}`) ? true : undefined),
      );
    },
  };

  async function play(job: JobObject): Promise<void> {
    const { name, uid = '', labels = {}, annotations = {} } = job.metadata;
    const video = annotations[VIDEO_NAME_ANNOTATION] ?? '';
    const attempt = Number(labels[ATTEMPT_LABEL]);
    const purge = labels[COMPONENT_LABEL] === 'purge';
    const { stageMs, breaks, until, clockMs = 0 } = script({ video, attempt, purge });
    const time = (): string => {
      const now = new Date(Date.now() + clockMs).toISOString();
      return now.replace(/\.\d+Z$/, 'Z');
    };
    const stages: readonly StageName[] = purge ? ['purge'] : ['fetch', 'transcribe', 'index'];
    const pod = `${podsPath(namespace)}/${name}-x`;
    await apiserver.create(podsPath(namespace), podOf(`${name}-x`, job.metadata, uid, stages));
    reach(video, attempt, 'begun');
    const startedAt = new Map<StageName, string>();
    const ends = new Map<StageName, object>();
    const show = (phase: string): Promise<unknown> => {
      const statuses = stages.map((stage) => ({
        name: stage,
        image: 'none',
        imageID: 'none',
        ready: false,
        restartCount: 0,
        state: ends.has(stage)
          ? { terminated: ends.get(stage) }
          : startedAt.has(stage)
            ? { running: { startedAt: startedAt.get(stage) } }
            : { waiting: { reason: 'PodInitializing' } },
      }));
      const status = {
        phase,
        initContainerStatuses: statuses.slice(0, -1),
        containerStatuses: statuses.slice(-1),
      };
      return apiserver.patch(`${pod}/status`, { status });
    };
    const begun = time();
    for (const stage of stages) {
      startedAt.set(stage, time());
      if (stageMs > 0) {
        await show('Running');
        await sleep(stageMs, undefined, { signal });
      }
      const times = { startedAt: startedAt.get(stage) ?? '', finishedAt: time() };
      if (breaks?.stage === stage) {
        ends.set(stage, { exitCode: breaks.exitCode, reason: breaks.reason, ...times });
        await show('Failed');
        await finish(name, begun, time(), false);
        return;
      }
      const message = purge ? '' : encodeReport({ ...succeededReport(stage), ...times });
      ends.set(stage, { exitCode: 0, reason: 'Completed', message, ...times });
    }
    await show('Succeeded');
    reach(video, attempt, 'staged');
    await until;
    await finish(name, begun, time(), true);
  }

  /** As the Job controller of 1.36 leaves it; the apiserver checks that it is consistent. */
  async function finish(name: string, startTime: string, end: string, well: boolean): Promise<void> {
    const condition = (type: string): object => ({
      type,
      status: 'True',
      lastTransitionTime: end,
      ...(!well && { reason: 'PodFailurePolicy', message: 'an exit code matches FailJob' }),
    });
    await apiserver.patch(`${jobPath(namespace, name)}/status`, {
      status: {
        startTime,
        uncountedTerminatedPods: {},
        ...(well ? { succeeded: 1, completionTime: end } : { failed: 1 }),
        conditions: (well ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed']).map(condition),
      },
    });
  }
}

/** No scheduler takes it, so no kubelet does. */
function podOf(
  name: string,
  { name: job, labels = {}, annotations = {} }: KubeObject['metadata'],
  uid: string,
  stages: readonly StageName[],
): object {
  const containers = stages.map((stage) => ({ name: stage, image: 'none' }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels,
      annotations,
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: job, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: {
      schedulerName: PLAYER.replace('/', '-'),
      restartPolicy: 'Never',
      initContainers: containers.slice(0, -1),
      containers: containers.slice(-1),
    },
  };
}
