import type { KubeMetadata } from '../api/kubeApi.ts';
import { VIDEO_NAME_ANNOTATION } from '../job/labels.ts';
import type { ContainerStatus, JobObject, LoomVideoObject, PodObject } from '../objects.ts';

/** kubectl keeps a copy of the whole object here. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What is kept of the objects that are watched: thousands of them lie in memory. */

export function stripVideo({ metadata, spec, status }: LoomVideoObject): LoomVideoObject {
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  return { metadata: { ...metadata, annotations }, spec, ...(status && { status }) };
}

export function stripJob({ metadata, spec, status }: JobObject): JobObject {
  const { suspend, ttlSecondsAfterFinished } = spec ?? {};
  return {
    metadata: stripMetadata(metadata),
    spec: {
      ...(suspend !== undefined && { suspend }),
      ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }),
    },
    status: { ...(status?.conditions && { conditions: status.conditions }) },
  };
}

export function stripPod({ metadata, status = {} }: PodObject): PodObject {
  const { phase, reason, message, conditions, initContainerStatuses, containerStatuses } = status;
  return {
    metadata: stripMetadata(metadata),
    status: {
      ...(phase !== undefined && { phase }),
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      ...(conditions && { conditions }),
      ...(initContainerStatuses && { initContainerStatuses: initContainerStatuses.map(stripContainer) }),
      ...(containerStatuses && { containerStatuses: containerStatuses.map(stripContainer) }),
    },
  };
}

function stripMetadata({ annotations = {}, ...metadata }: KubeMetadata): KubeMetadata {
  const name = annotations[VIDEO_NAME_ANNOTATION];
  return { ...metadata, ...(name !== undefined && { annotations: { [VIDEO_NAME_ANNOTATION]: name } }) };
}

function stripContainer({ name, state, lastState }: ContainerStatus): ContainerStatus {
  return {
    name,
    ...(state && { state }),
    ...(lastState && Object.keys(lastState).length > 0 && { lastState }),
  };
}
