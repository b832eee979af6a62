import { FORCE_DELETE_ANNOTATION, QUEUE_LABEL, RETRY_ANNOTATION } from '../../reconcile/names.ts';
import type { KubeMetadata } from '../api/kubeApi.ts';
import {
  ATTEMPT_LABEL,
  COMPONENT_LABEL,
  RUN_LABEL,
  SPEC_HASH_LABEL,
  VIDEO_NAME_ANNOTATION,
  VIDEO_UID_LABEL,
} from '../job/labels.ts';
import type {
  ContainerStates,
  ContainerStatus,
  JobObject,
  LoomVideoObject,
  ObjectCondition,
  PodObject,
} from '../objects.ts';

/**
 * What is kept of the objects that are watched: what is read of them, and no more. Thousands of them lie in memory, and
 * others add to them what they like.
 */

const VIDEO_LABELS = [QUEUE_LABEL];
const VIDEO_ANNOTATIONS = [RETRY_ANNOTATION, FORCE_DELETE_ANNOTATION];
const JOB_LABELS = [COMPONENT_LABEL, VIDEO_UID_LABEL, RUN_LABEL, SPEC_HASH_LABEL, ATTEMPT_LABEL];
const JOB_CONDITIONS = new Set(['Complete', 'Failed']);
const POD_CONDITIONS = new Set(['PodScheduled', 'DisruptionTarget']);

export function stripVideo({ metadata, spec, status }: LoomVideoObject): LoomVideoObject {
  const { finalizers } = metadata;
  return {
    metadata: {
      ...identityOf(metadata),
      ...some('labels', metadata.labels, VIDEO_LABELS),
      ...some('annotations', metadata.annotations, VIDEO_ANNOTATIONS),
      ...(finalizers && { finalizers }),
    },
    spec,
    ...(status && { status }),
  };
}

export function stripJob({ metadata, spec, status }: JobObject): JobObject {
  const { suspend, ttlSecondsAfterFinished } = spec ?? {};
  return {
    metadata: { ...ownedBy(metadata), ...some('labels', metadata.labels, JOB_LABELS) },
    spec: {
      ...(suspend !== undefined && { suspend }),
      ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }),
    },
    status: { ...conditionsOf(status?.conditions, JOB_CONDITIONS) },
  };
}

export function stripPod({ metadata, status = {} }: PodObject): PodObject {
  const { phase, reason, message, conditions, initContainerStatuses, containerStatuses } = status;
  return {
    metadata: ownedBy(metadata),
    status: {
      ...(phase !== undefined && { phase }),
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      ...conditionsOf(conditions, POD_CONDITIONS),
      ...(initContainerStatuses && { initContainerStatuses: initContainerStatuses.map(stripContainer) }),
      ...(containerStatuses && { containerStatuses: containerStatuses.map(stripContainer) }),
    },
  };
}

function identityOf({
  name,
  namespace,
  uid,
  resourceVersion,
  generation,
  creationTimestamp,
  deletionTimestamp,
}: KubeMetadata): KubeMetadata {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(generation !== undefined && { generation }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  };
}

/** Of Jobs and pods: which video they are for, and what controls them. */
function ownedBy(metadata: KubeMetadata): KubeMetadata {
  const { annotations, ownerReferences } = metadata;
  return {
    ...identityOf(metadata),
    ...some('annotations', annotations, [VIDEO_NAME_ANNOTATION]),
    ...(ownerReferences && { ownerReferences: ownerReferences.filter(({ controller }) => controller) }),
  };
}

/** These of the texts, under `field`; nothing where there are none. */
function some<F extends 'labels' | 'annotations'>(
  field: F,
  texts: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): Partial<Record<F, Readonly<Record<string, string>>>> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const text = texts?.[name];
    if (text !== undefined) kept[name] = text;
  }
  if (Object.keys(kept).length === 0) return {};
  const found: Partial<Record<F, Readonly<Record<string, string>>>> = {};
  found[field] = kept;
  return found;
}

function conditionsOf(
  conditions: readonly ObjectCondition[] | undefined,
  types: ReadonlySet<string>,
): { readonly conditions?: readonly ObjectCondition[] } {
  const kept = conditions
    ?.filter(({ type }) => types.has(type))
    .map(({ type, status, reason, message }) => ({
      type,
      status,
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
    }));
  return kept && kept.length > 0 ? { conditions: kept } : {};
}

function stripContainer({ name, state, lastState }: ContainerStatus): ContainerStatus {
  return {
    name,
    ...(state && { state: stripStates(state) }),
    ...(lastState?.terminated && { lastState: stripStates(lastState) }),
  };
}

/** Without the container's id. */
function stripStates({ waiting, running, terminated }: ContainerStates): ContainerStates {
  if (!terminated) return { ...(waiting && { waiting }), ...(running && { running }) };
  const { exitCode, reason, message, startedAt, finishedAt } = terminated;
  return {
    terminated: {
      exitCode,
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      ...(startedAt !== undefined && { startedAt }),
      ...(finishedAt !== undefined && { finishedAt }),
    },
  };
}
