import type { LoomVideo } from '../../resources/resource.ts';
import type { VideoProgress } from '../../runtime/progress.ts';
import { adviceOf } from './advice.ts';

/** A video as lists and events show it. Instants are RFC 3339, durations seconds, memory MB of 1024². */
export interface Summary {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The link as it was given. */
  readonly url: string;
  readonly title?: string;
  /** `Pending` where nobody has looked at it yet; see status.phase. */
  readonly phase: string;
  readonly stage?: string;
  /** Of the last failure while it counts, else of the condition `Ready`. */
  readonly reason?: string;
  readonly message?: string;
  /** What the user can do about it. */
  readonly advice?: string;
  /** Of a failure: whether it is tried again by itself. */
  readonly retryable?: boolean;
  readonly durationSeconds?: number;
  readonly language?: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly deleting: boolean;
  readonly peakMb?: number;
  readonly limitMb?: number;
  readonly passages?: number;
  /** While it is being worked on. */
  readonly progress?: VideoProgress;
}

/** Phases in which the last error is what matters. */
const FAILING = new Set(['Failed', 'Retrying']);

export function summaryOf(
  { metadata, spec, status = {} }: LoomVideo,
  progress: VideoProgress | undefined,
): Summary {
  const { video, transcript, index, memory, lastError, conditions } = status;
  const phase = phaseOf({ status });
  const ready = conditions?.find(({ type }) => type === 'Ready');
  const failure = FAILING.has(phase) ? lastError : undefined;
  const reason = failure?.reason ?? ready?.reason;
  // The condition says more of the same failure: when it is tried again, or that it is not.
  const message =
    (failure && failure.reason !== ready?.reason ? failure.message : ready?.message) || undefined;
  return withoutAbsent<Summary>({
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    url: spec.url,
    title: video?.title,
    phase,
    stage: status.stage,
    reason,
    message,
    advice: failure && adviceOf(failure.reason, phase),
    retryable: failure?.retryable,
    durationSeconds: video?.durationSeconds,
    language: transcript?.language,
    attempts: status.attempts ?? 0,
    createdAt: metadata.creationTimestamp,
    startedAt: status.startedAt,
    finishedAt: status.finishedAt,
    deleting: metadata.deletionTimestamp !== undefined,
    peakMb: memory?.peakMb,
    limitMb: memory?.limitMb,
    passages: index?.passages,
    progress,
  });
}

export function phaseOf({ status }: Pick<LoomVideo, 'status'>): string {
  return status?.phase ?? 'Pending';
}

/** An object without the keys that have no value. */
export function withoutAbsent<T extends object>(object: { readonly [K in keyof T]: T[K] | undefined }): T {
  const present: Record<string, unknown> = {};
  // Of each video of each list: half the time of filtering and making it anew.
  for (const [name, value] of Object.entries(object)) if (value !== undefined) present[name] = value;
  // oxlint-disable-next-line no-unsafe-type-assertion -- only keys without a value are not there
  return present as T;
}
