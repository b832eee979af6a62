import type { ObservedJob } from '../../reconcile/observation.ts';
import { ATTEMPT_LABEL, RUN_LABEL, SPEC_HASH_LABEL } from '../job/labels.ts';
import type { JobObject, PodObject } from '../objects.ts';
import { observePod } from './observePod.ts';
import { timeOf } from './observeVideo.ts';

/** A Job of ours, with the newest of its pods, as the core reads it. */
export function observeJob(
  { metadata, spec = {}, status = {} }: JobObject,
  pods: readonly PodObject[],
  podRejection: string | undefined,
): ObservedJob {
  const { labels = {} } = metadata;
  const condition = (type: string) =>
    status.conditions?.find((candidate) => candidate.type === type && candidate.status === 'True');
  const failed = condition('Failed');
  const pod = newestOf(pods);
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    run: numberOf(labels[RUN_LABEL]),
    specHash: labels[SPEC_HASH_LABEL] ?? '',
    attempt: numberOf(labels[ATTEMPT_LABEL]),
    createdAt: timeOf(metadata.creationTimestamp) ?? new Date(0),
    suspended: spec.suspend === true,
    deleting: metadata.deletionTimestamp !== undefined,
    hasTtl: spec.ttlSecondsAfterFinished !== undefined,
    state: condition('Complete') ? 'complete' : failed ? 'failed' : 'active',
    failureReason: failed?.reason ?? '',
    failureMessage: failed?.message ?? '',
    pod: pod && observePod(pod),
    podRejection,
  };
}

/** An attempt has several pods where one was drained and made again. */
function newestOf(pods: readonly PodObject[]): PodObject | undefined {
  return pods.reduce<PodObject | undefined>(
    (newest, pod) =>
      newest && (newest.metadata.creationTimestamp ?? '') >= (pod.metadata.creationTimestamp ?? '')
        ? newest
        : pod,
    undefined,
  );
}

/** 0 where the label is missing or was changed: no attempt has that number. */
function numberOf(label: string | undefined): number {
  return /^\d{1,9}$/.test(label ?? '') ? Number(label) : 0;
}
