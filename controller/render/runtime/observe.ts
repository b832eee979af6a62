import { parseQuantity } from '../../../common/quantity.ts';
import { exitCodeOf } from '../../../jobrunner/contract/exitCodes.ts';
import type { StageName, StageReport } from '../../../jobrunner/contract/stageReport.ts';
import { QUEUE_LABEL } from '../../reconcile/names.ts';
import type { ContainerState, Observation, ObservedJob, ObservedVideo } from '../../reconcile/observation.ts';
import type { LoomVideo } from '../resources/resource.ts';
import type { MemoryCap } from './memoryCap.ts';
import { isActive, STAGES_OF, type Attempt } from './attempt.ts';
import { resultHash, specHash } from '../../specHashes.ts';
import { attemptName, purgeName } from './identity.ts';

/** The core's observation of a video and its attempts, as admitted; `cap` is all the process tree may use. */
export function observe(video: LoomVideo, attempts: readonly Attempt[], cap: MemoryCap): Observation {
  const { uid } = video.metadata;
  const hash = specHash(video.spec);
  const struckOut = attempts.some((attempt) => attempt.struckOut);
  const jobs = (kind: Attempt['kind']): ObservedJob[] =>
    attempts.filter((attempt) => attempt.kind === kind).map(observeAttempt);
  const noMoreMemory = struckOut
    ? 'With more it is not tried: it killed the server.'
    : parseQuantity(video.spec.memory.max) >= cap.bytes
      ? cap.noMore
      : undefined;
  return {
    video: observeVideo(video, cap.bytes, struckOut),
    ...(noMoreMemory !== undefined && { noMoreMemory }),
    resultHash: resultHash(video.spec),
    specHash: hash,
    jobs: jobs('process'),
    purgeJobs: jobs('purge'),
    jobName: (run, attempt) => attemptName(uid, run, hash, attempt),
    purgeJobName: (attempt) => purgeName(uid, attempt),
    namespaceTerminating: false,
    admission: { kind: 'admitted' },
    jobRejection: undefined,
    obstacle: undefined,
  };
}

function observeVideo(
  { metadata, spec, status }: LoomVideo,
  limitBytes: number,
  struckOut: boolean,
): ObservedVideo {
  // There is no Kueue here: the label of a manifest that was made for one changes nothing.
  const { [QUEUE_LABEL]: _queue, ...labels } = metadata.labels ?? {};
  const { limit, max } = spec.memory;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    generation: metadata.generation,
    createdAt: new Date(metadata.creationTimestamp),
    deletedAt: metadata.deletionTimestamp === undefined ? undefined : new Date(metadata.deletionTimestamp),
    finalizers: metadata.finalizers ?? [],
    annotations: metadata.annotations ?? {},
    labels,
    // More than the instance has cannot be given: an attempt that would only be told so is not made.
    spec: {
      ...spec,
      memory: {
        ...spec.memory,
        limit: atMost(limit, limitBytes),
        max: atMost(struckOut ? limit : max, limitBytes),
      },
    },
    status: status ?? {},
  };
}

function atMost(quantity: string, bytes: number): string {
  return parseQuantity(quantity) <= bytes ? quantity : String(Math.floor(bytes));
}

/** An attempt as the Job it would be, its stages as the containers of a pod. */
export function observeAttempt(attempt: Attempt): ObservedJob {
  const { name, uid, run, attempt: number, state } = attempt;
  return {
    name,
    uid,
    run,
    specHash: attempt.specHash,
    attempt: number,
    createdAt: new Date(attempt.createdAt),
    suspended: false,
    deleting: attempt.stopping,
    hasTtl: false,
    state: state === 'complete' || state === 'failed' ? state : 'active',
    failureReason: '',
    failureMessage: '',
    pod: {
      name,
      phase: 'Running',
      containers: containersOf(attempt),
      unschedulable: undefined,
      disrupted: undefined,
      deleting: attempt.stopping,
    },
    podRejection: undefined,
  };
}

function containersOf(attempt: Attempt): Map<StageName, ContainerState> {
  const { reports, stageStartedAt, createdAt } = attempt;
  const containers = new Map<StageName, ContainerState>();
  for (const stage of STAGES_OF[attempt.kind]) {
    const report = reports.find((candidate) => candidate.stage === stage);
    if (report) containers.set(stage, ended(report));
    else {
      if (isActive(attempt))
        containers.set(stage, { kind: 'running', startedAt: new Date(stageStartedAt ?? createdAt) });
      break;
    }
  }
  return containers;
}

function ended(report: StageReport): ContainerState {
  return {
    kind: 'terminated',
    reason: report.outcome === 'Succeeded' ? 'Completed' : 'Error',
    exitCode: report.outcome === 'Succeeded' ? 0 : exitCodeOf(report.reason),
    startedAt: new Date(report.startedAt),
    finishedAt: new Date(report.finishedAt),
    report,
  };
}
