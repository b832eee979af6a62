import {
  ATTEMPT_LABEL,
  COMPONENT_LABEL,
  RUN_LABEL,
  SPEC_HASH_LABEL,
  VIDEO_UID_LABEL,
  type Component,
} from '../job/labels.ts';
import type { JobObject, PodObject } from '../objects.ts';
import type { KubeMetadata } from '../api/kubeApi.ts';

/** Values for the stores' indexes: Jobs by the uid of their video, pods by the uid of their Job. */
export const videoUidOf = ({ metadata }: JobObject): readonly string[] =>
  present(metadata.labels?.[VIDEO_UID_LABEL]);
export const jobUidOf = ({ metadata }: PodObject): readonly string[] => present(controllerOf(metadata)?.uid);

/**
 * Whether this is a Job that we made for this video. A processing Job must also be owned by it: anybody who may make Jobs
 * could otherwise hand us one by its labels.
 */
export function isOurs(
  { metadata }: JobObject,
  video: { readonly namespace: string; readonly uid: string },
  component: Component,
): boolean {
  return (
    metadata.namespace === video.namespace &&
    metadata.labels?.[COMPONENT_LABEL] === component &&
    metadata.labels[VIDEO_UID_LABEL] === video.uid &&
    (component === 'purge' || controllerOf(metadata)?.uid === video.uid)
  );
}

/** Whether two Jobs are for the same attempt, as far as their labels say. */
export function isSameAttempt(a: KubeMetadata, b: KubeMetadata): boolean {
  return [RUN_LABEL, ATTEMPT_LABEL, SPEC_HASH_LABEL].every(
    (label) => a.labels?.[label] === b.labels?.[label],
  );
}

function controllerOf({ ownerReferences }: KubeMetadata) {
  return ownerReferences?.find(({ controller }) => controller === true);
}

function present(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
