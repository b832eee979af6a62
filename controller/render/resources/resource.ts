import type { LoomVideoSpec, LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';

/** A LoomVideo as it is stored and as the API shows it: the spec with its defaults, nothing the schema does not know. */
export interface LoomVideo {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: LoomVideoSpec;
  /** Absent until a controller wrote one. */
  readonly status?: LoomVideoStatus;
}

/** What the API keeps of Kubernetes' ObjectMeta; managedFields are taken and forgotten. Times are RFC 3339 in seconds. */
export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace: string;
  readonly uid: string;
  /** Of the last change of anything: one counter for all objects, as text. */
  readonly resourceVersion: string;
  /** Rises with the spec, and once when deletion begins. */
  readonly generation: number;
  readonly creationTimestamp: string;
  /** Since when it is being deleted: it stays as long as it has finalizers. */
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
  readonly finalizers?: readonly string[];
}

export interface VideoKey {
  readonly namespace: string;
  readonly name: string;
}

/** Seconds are all that Kubernetes' times have. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
