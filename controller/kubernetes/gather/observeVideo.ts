import type { LoomVideoSpec } from '../../../crds/generated/loomvideo.ts';
import type { ObservedVideo } from '../../reconcile/observation.ts';
import type { LoomVideoObject } from '../objects.ts';

/** A LoomVideo, its spec read already, as the core reads it. */
export function observeVideo({ metadata, status }: LoomVideoObject, spec: LoomVideoSpec): ObservedVideo {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    createdAt: timeOf(metadata.creationTimestamp) ?? new Date(0),
    deletedAt: timeOf(metadata.deletionTimestamp),
    finalizers: metadata.finalizers ?? [],
    annotations: metadata.annotations ?? {},
    labels: metadata.labels ?? {},
    spec,
    status: status ?? {},
  };
}

/** The time, or undefined where there is none that can be read. */
export function timeOf(text: string | null | undefined): Date | undefined {
  if (typeof text !== 'string') return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
