/** Labels and annotations of the Jobs and pods we make: how they are found again, and what they are for. */

export const PART_OF = 'loomvideo-operator';
export const MANAGER = 'loomvideo-controller';

/** Which Jobs and pods are watched at all. */
export const OURS = `app.kubernetes.io/part-of=${PART_OF},app.kubernetes.io/managed-by=${MANAGER}`;

/** metadata.uid of the LoomVideo: of one that was deleted and made again only the present one's Jobs count. */
export const VIDEO_UID_LABEL = 'qudemo.dev/video-uid';
export const RUN_LABEL = 'qudemo.dev/run';
export const ATTEMPT_LABEL = 'qudemo.dev/attempt';
export const SPEC_HASH_LABEL = 'qudemo.dev/spec-hash';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** A name may be longer (253) than a label's value (63). */
export const VIDEO_NAME_ANNOTATION = 'qudemo.dev/video';

export type Component = 'process' | 'purge';

export function commonLabels(component: Component, videoUid: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'loomvideo',
    [COMPONENT_LABEL]: component,
    'app.kubernetes.io/managed-by': MANAGER,
    'app.kubernetes.io/part-of': PART_OF,
    [VIDEO_UID_LABEL]: videoUid,
  };
}
