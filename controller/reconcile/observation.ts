import type { LoomVideoSpec, LoomVideoStatus } from '../../crds/generated/loomvideo.ts';
import type { StageName, StageReport } from '../../jobrunner/contract/stageReport.ts';

/** A LoomVideo as the core reads it. */
export interface ObservedVideo {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly createdAt: Date;
  readonly deletedAt: Date | undefined;
  readonly finalizers: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** With the schema's defaults filled in. */
  readonly spec: LoomVideoSpec;
  readonly status: LoomVideoStatus;
}

/** How a container of a stage stands. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAt: Date }
  | {
      readonly kind: 'terminated';
      readonly reason: string;
      readonly exitCode: number;
      readonly startedAt: Date | undefined;
      readonly finishedAt: Date | undefined;
      /** Undefined where the termination message is missing or not a report. */
      readonly report: StageReport | undefined;
    };

export interface ObservedPod {
  readonly name: string;
  readonly phase: string;
  /** Stages whose container is known to kubelet. */
  readonly containers: ReadonlyMap<StageName, ContainerState>;
  /** The scheduler's words where it found no node. */
  readonly unschedulable: string | undefined;
  /** It was evicted, preempted or drained: condition DisruptionTarget, with its message. */
  readonly disrupted: string | undefined;
  readonly deleting: boolean;
}

export interface ObservedJob {
  readonly name: string;
  readonly uid: string;
  /** Which attempt of which run of which spec it was made for; see ledger. */
  readonly run: number;
  readonly specHash: string;
  readonly attempt: number;
  readonly createdAt: Date;
  readonly suspended: boolean;
  readonly deleting: boolean;
  readonly hasTtl: boolean;
  readonly state: 'active' | 'complete' | 'failed';
  /** Of the condition Failed: `DeadlineExceeded`, `PodFailurePolicy`, … */
  readonly failureReason: string;
  readonly failureMessage: string;
  /** The newest; undefined where there is none (not yet, or no more). */
  readonly pod: ObservedPod | undefined;
  /** Why the Job controller could not make the pod: quota, Pod Security, a webhook. */
  readonly podRejection: string | undefined;
}

/** Whether the caps let this video begin, and why not. Kueue decides by itself. */
export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'queued'; readonly ahead: number; readonly cap: string };

/** What has to be put right, by a user, before a Job can be made at all. */
export interface Obstacle {
  readonly reason: 'CredentialsMissing' | 'ConfigurationInvalid' | 'InvalidURL';
  readonly message: string;
}

/** All that `decide` knows. Hashes and names come in from outside: the core computes no digests. */
export interface Observation {
  readonly video: ObservedVideo;
  /** Of the fields that change what is stored. */
  readonly resultHash: string;
  /** Of all fields an attempt depends on. */
  readonly specHash: string;
  /** Jobs that process this very uid, of any run. */
  readonly jobs: readonly ObservedJob[];
  /** Jobs that purge for this very uid. */
  readonly purgeJobs: readonly ObservedJob[];
  readonly jobName: (run: number, attempt: number) => string;
  readonly purgeJobName: (attempt: number) => string;
  readonly namespaceTerminating: boolean;
  readonly admission: Admission;
  /** Why the apiserver refused our last Job for good reason (quota, a webhook, a name that is taken). */
  readonly jobRejection: string | undefined;
  readonly obstacle: Obstacle | undefined;
  /** A sentence: why no attempt can have more memory, and what to do, where that is not for spec.memory to say. */
  readonly noMoreMemory?: string;
}
