import { OOM_REASON } from '../../jobrunner/contract/oomReason.ts';
import { factsOf, type FailureClass } from '../../jobrunner/contract/reasons.ts';
import type { FailedReport, StageName, StageReport } from '../../jobrunner/contract/stageReport.ts';
import type { ContainerState, ObservedJob, ObservedPod } from './observation.ts';

/** What a failure is charged to. `infrastructure`: lost through no fault of the video. */
export type FailureKind = FailureClass | 'infrastructure';

export interface AttemptFailure {
  readonly stage: StageName | undefined;
  readonly reason: string;
  readonly message: string;
  readonly kind: FailureKind;
  /** Seconds a service asked us to wait. */
  readonly retryAfterSeconds: number | undefined;
}

/** How the Job of an attempt stands. */
export type AttemptState =
  /** Nothing runs yet, for this reason. `holdsSlot`: whether it counts against the caps. */
  | { readonly kind: 'held'; readonly reason: string; readonly message: string; readonly holdsSlot: boolean }
  | { readonly kind: 'running'; readonly stage: StageName }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure };

/** Stages of the pod, in the order of its containers. */
const ORDER = ['fetch', 'transcribe', 'index', 'purge'] as const satisfies readonly StageName[];

/** Exit codes of a stage (jobrunner/contract/exitCodes.ts) whose report did not arrive. */
const KIND_OF_EXIT: Readonly<Record<number, FailureClass>> = {
  10: 'permanent',
  20: 'transient',
  30: 'memory',
  40: 'configuration',
};

/** 128 + SIGKILL, 128 + SIGTERM: somebody ended it. */
const KILLED = new Set([137, 143]);

/** Reports of the stages that ended, in order. */
export function reportsOf(pod: ObservedPod | undefined): StageReport[] {
  return ORDER.flatMap((stage) => {
    const container = pod?.containers.get(stage);
    return container?.kind === 'terminated' ? (ownReport(stage, container) ?? []) : [];
  });
}

/**
 * Reads the Job of one attempt. Guards in fixed order: what is decided beats what goes on, and the pod's own word beats
 * what the Job says of it. `hadStarted`: whether a stage was seen running, for the pod of an overdue Job is gone.
 */
export function readAttempt(job: ObservedJob, hadStarted: boolean): AttemptState {
  if (job.state === 'complete') return { kind: 'succeeded' };
  if (job.state === 'failed') return { kind: 'failed', failure: failureOf(job, hadStarted) };
  if (job.deleting) return held('Stopping', 'The attempt is being stopped.', true);
  if (job.suspended) return held('Queued', 'Waiting for the queue to admit the Job.', false);
  const { pod } = job;
  if (!pod)
    return job.podRejection === undefined
      ? held('Starting', 'Waiting for the pod.', true)
      : held('JobRejected', `The pod is refused: ${job.podRejection}`, true);
  return podState(pod);
}

function podState(pod: ObservedPod): AttemptState {
  if (pod.unschedulable !== undefined)
    return held('Unschedulable', `No node takes the pod: ${pod.unschedulable}`, true);
  const present = ORDER.filter((stage) => pod.containers.has(stage));
  const stage = present.find((name) => !hasSucceeded(pod.containers.get(name)));
  if (stage === undefined) {
    const last = present.at(-1);
    return last === undefined
      ? held('Starting', 'Waiting for the node.', true)
      : { kind: 'running', stage: last };
  }
  const container = pod.containers.get(stage);
  if (container?.kind !== 'waiting') return { kind: 'running', stage };
  const { reason, message } = container;
  if (/ImagePull|ErrImage|InvalidImageName|RegistryUnavailable/.test(reason))
    return held('ImagePullFailed', `The image of ${stage} cannot be pulled: ${message || reason}`, true);
  if (reason === 'CreateContainerConfigError') {
    const isSecret = /secret/i.test(message);
    // kubelet tries again by itself: it goes on when the Secret is there.
    return held(
      isSecret ? 'CredentialsMissing' : 'ContainerConfigInvalid',
      sentence(message || reason),
      false,
    );
  }
  if (/^(CreateContainerError|RunContainerError|CrashLoopBackOff)$/.test(reason))
    return held('ContainerStartFailed', `${stage} cannot be started: ${message || reason}`, true);
  return stage === present[0]
    ? held('Starting', 'The pod is being prepared.', true)
    : { kind: 'running', stage };
}

function failureOf(job: ObservedJob, hadStarted: boolean): AttemptFailure {
  const { pod } = job;
  const broken = ORDER.flatMap((stage) => {
    const container = pod?.containers.get(stage);
    return container?.kind === 'terminated' && container.exitCode !== 0 ? [{ stage, container }] : [];
  })[0];
  if (broken?.container.reason === 'OOMKilled') return oomKilled(broken.stage);
  const report = broken && ownReport(broken.stage, broken.container);
  if (report?.outcome === 'Failed') return reported(report);
  if (pod?.disrupted !== undefined)
    return infrastructure(broken?.stage, 'Disrupted', sentence(pod.disrupted));
  if (broken && !KILLED.has(broken.container.exitCode))
    return exited(broken.stage, broken.container.exitCode);
  if (job.failureReason === 'DeadlineExceeded') return overdue(hadStarted || started(pod), broken?.stage);
  if (broken)
    return infrastructure(
      broken.stage,
      'PodKilled',
      `${broken.stage} was ended from outside (exit code ${broken.container.exitCode}).`,
    );
  return infrastructure(undefined, 'PodLost', sentence(job.failureMessage || 'The pod is gone.'));
}

function oomKilled(stage: StageName): AttemptFailure {
  return {
    stage,
    reason: OOM_REASON[stage],
    message: `The kernel ended ${stage} for want of memory.`,
    kind: 'memory',
    retryAfterSeconds: undefined,
  };
}

function reported({ stage, reason, message, retryAfterSeconds }: FailedReport): AttemptFailure {
  return { stage, reason, message, kind: factsOf(reason).class, retryAfterSeconds };
}

function exited(stage: StageName, exitCode: number): AttemptFailure {
  const kind = KIND_OF_EXIT[exitCode] ?? 'transient';
  return {
    stage,
    reason: kind === 'memory' ? 'MemoryLimitExceeded' : 'StageFailed',
    message: `${stage} ended with exit code ${exitCode} and left no report: see the pod's log.`,
    kind,
    retryAfterSeconds: undefined,
  };
}

function overdue(hadStarted: boolean, stage: StageName | undefined): AttemptFailure {
  if (!hadStarted)
    return infrastructure(undefined, 'NotStarted', 'The pod did not start within spec.timeout.');
  return {
    stage,
    reason: 'DeadlineExceeded',
    message: 'Not done within spec.timeout.',
    kind: 'transient',
    retryAfterSeconds: undefined,
  };
}

function infrastructure(stage: StageName | undefined, reason: string, message: string): AttemptFailure {
  return { stage, reason, message, kind: 'infrastructure', retryAfterSeconds: undefined };
}

function held(reason: string, message: string, holdsSlot: boolean): AttemptState {
  return { kind: 'held', reason, message, holdsSlot };
}

function started(pod: ObservedPod | undefined): boolean {
  return [...(pod?.containers.values() ?? [])].some(({ kind }) => kind !== 'waiting');
}

function hasSucceeded(container: ContainerState | undefined): boolean {
  return container?.kind === 'terminated' && container.exitCode === 0;
}

/** A container's report, where it is about that stage and agrees with how it ended. */
function ownReport(
  stage: StageName,
  container: Extract<ContainerState, { kind: 'terminated' }>,
): StageReport | undefined {
  const { report, exitCode } = container;
  if (report?.stage !== stage) return undefined;
  return (report.outcome === 'Succeeded') === (exitCode === 0) ? report : undefined;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
