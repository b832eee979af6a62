import type { LoomVideoSpecInput, LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import type { Reason } from '../../../jobrunner/contract/reasons.ts';
import { factsOf } from '../../../jobrunner/contract/reasons.ts';
import type { StageName, StageReport } from '../../../jobrunner/contract/stageReport.ts';
import { parseSpec } from '../../../jobrunner/contract/spec.ts';
import { FINALIZER } from '../../../controller/reconcile/names.ts';
import type {
  ContainerState,
  Observation,
  ObservedJob,
  ObservedPod,
  ObservedVideo,
} from '../../../controller/reconcile/observation.ts';

/** Makes observations for the tests of the core: a calm world, changed where a test says so. */

export const NOW = new Date('2026-11-24T12:00:00Z');
export const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

export function video(
  changes: Partial<ObservedVideo> & { spec?: never } = {},
  spec: Partial<LoomVideoSpecInput> = {},
): ObservedVideo {
  return {
    namespace: 'default',
    name: 'demo',
    uid: 'uid-1',
    generation: 1,
    createdAt: NOW,
    deletedAt: undefined,
    finalizers: [FINALIZER],
    annotations: {},
    labels: {},
    status: {},
    ...changes,
    spec: parseSpec({ url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef', ...spec }),
  };
}

export function observe(changes: Partial<Observation> = {}): Observation {
  return {
    video: video(),
    resultHash: 'result-1',
    specHash: 'spec-1',
    jobs: [],
    purgeJobs: [],
    jobName: (run, attempt) => `job-${run}-${attempt}`,
    purgeJobName: (attempt) => `purge-${attempt}`,
    namespaceTerminating: false,
    admission: { kind: 'admitted' },
    jobRejection: undefined,
    obstacle: undefined,
    ...changes,
  };
}

export function job(changes: Partial<ObservedJob> = {}): ObservedJob {
  const { run = 1, attempt = 1 } = changes;
  return {
    name: `job-${run}-${attempt}`,
    uid: `job-uid-${run}-${attempt}`,
    run,
    specHash: 'spec-1',
    attempt,
    createdAt: NOW,
    suspended: false,
    deleting: false,
    hasTtl: false,
    state: 'active',
    failureReason: '',
    failureMessage: '',
    pod: undefined,
    podRejection: undefined,
    ...changes,
  };
}

export function pod(
  containers: Partial<Record<StageName, ContainerState>>,
  changes: Partial<ObservedPod> = {},
): ObservedPod {
  return {
    name: 'pod',
    phase: 'Running',
    containers: new Map(Object.entries(containers) as [StageName, ContainerState][]),
    unschedulable: undefined,
    disrupted: undefined,
    deleting: false,
    ...changes,
  };
}

export const running: ContainerState = { kind: 'running', startedAt: NOW };
export const initializing: ContainerState = { kind: 'waiting', reason: 'PodInitializing', message: '' };
export const held = (reason: string, message = ''): ContainerState => ({ kind: 'waiting', reason, message });

const memory = { peakMb: 200, limitMb: 400, afterMb: 90 };
const times = { startedAt: NOW.toISOString(), finishedAt: later(10).toISOString() };

export function succeededReport(stage: StageName): StageReport {
  return {
    stage,
    outcome: 'Succeeded',
    reason: 'Completed',
    message: `${stage} completed.`,
    retryable: false,
    ...times,
    memory,
    ...(stage === 'fetch' && {
      video: { title: 'A demo', durationSeconds: 60, sizeBytes: 1000, source: 'yt-dlp' as const },
    }),
    ...(stage === 'transcribe' && { transcript: { language: 'en', model: 'tiny', segments: 4, words: 50 } }),
    ...(stage === 'index' && {
      index: { passages: 2, model: 'm', dimensions: 8, vectorStore: 'pinecone', recordStore: 'supabase' },
    }),
  };
}

export function ended(stage: StageName): ContainerState {
  return terminated(0, { report: succeededReport(stage) });
}

export function failedWith(stage: StageName, reason: Reason, retryAfterSeconds?: number): ContainerState {
  const exitCode = { permanent: 10, transient: 20, memory: 30, configuration: 40 }[factsOf(reason).class];
  return terminated(exitCode, {
    report: {
      stage,
      outcome: 'Failed',
      reason,
      message: `${stage} says ${reason}.`,
      retryable: exitCode === 20,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...times,
      memory,
    },
  });
}

export function terminated(
  exitCode: number,
  changes: Partial<Extract<ContainerState, { kind: 'terminated' }>> = {},
): ContainerState {
  return {
    kind: 'terminated',
    reason: exitCode === 0 ? 'Completed' : 'Error',
    exitCode,
    startedAt: NOW,
    finishedAt: NOW,
    report: undefined,
    ...changes,
  };
}

/** What the status is after a decision is carried out: the next observation's. */
export function withStatus(
  seen: Observation,
  status: LoomVideoStatus,
  changes: Partial<ObservedVideo> = {},
): Observation {
  return { ...seen, video: { ...seen.video, ...changes, status } };
}
