import { STAGES, type StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { ContainerState, ObservedPod } from '../../reconcile/observation.ts';
import type { ContainerStatus, PodObject, TerminatedState } from '../objects.ts';
import { timeOf } from './observeVideo.ts';
import { readReport } from './readReport.ts';

/** A pod of ours as the core reads it. Containers that are not ours (a mesh's sidecar) play no part. */
export function observePod({ metadata, status = {} }: PodObject): ObservedPod {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const containers = new Map<StageName, ContainerState>();
  for (const stage of STAGES) {
    const known = statuses.find(({ name }) => name === stage);
    if (known) containers.set(stage, containerState(known));
  }
  const condition = (type: string, value: string) =>
    status.conditions?.find((candidate) => candidate.type === type && candidate.status === value);
  const unscheduled = condition('PodScheduled', 'False');
  const disrupted = condition('DisruptionTarget', 'True');
  // An eviction for a full emptyDir has no DisruptionTarget.
  const evicted = status.reason === 'Evicted' ? status.message || status.reason : undefined;
  return {
    name: metadata.name,
    phase: status.phase ?? 'Unknown',
    containers,
    unschedulable:
      unscheduled?.reason === 'Unschedulable' ? unscheduled.message || unscheduled.reason : undefined,
    disrupted: disrupted ? disrupted.message || disrupted.reason || disrupted.type : evicted,
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

function containerState({ state = {}, lastState }: ContainerStatus): ContainerState {
  if (state.terminated) return terminated(state.terminated);
  if (state.running) return { kind: 'running', startedAt: timeOf(state.running.startedAt) ?? new Date(0) };
  // No container of ours is started twice: one that waits after it broke has ended.
  const last = lastState?.terminated;
  if (last && last.exitCode !== 0) return terminated(last);
  return {
    kind: 'waiting',
    reason: state.waiting?.reason ?? '',
    message: state.waiting?.message ?? '',
  };
}

function terminated({ exitCode, reason, message, startedAt, finishedAt }: TerminatedState): ContainerState {
  return {
    kind: 'terminated',
    reason: reason ?? '',
    exitCode,
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(finishedAt),
    report: readReport(message),
  };
}
