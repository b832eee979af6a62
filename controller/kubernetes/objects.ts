/** What the controller reads of the objects it watches, as the apiserver writes them in JSON. */
import type { LoomVideoStatus } from '../../crds/generated/loomvideo.ts';
import type { KubeObject } from './api/kubeApi.ts';

export interface LoomVideoObject extends KubeObject {
  /** Whatever the schema of the day let through. */
  readonly spec?: unknown;
  readonly status?: LoomVideoStatus;
}

export interface ObjectCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface JobObject extends KubeObject {
  readonly spec?: { readonly suspend?: boolean; readonly ttlSecondsAfterFinished?: number };
  readonly status?: { readonly conditions?: readonly ObjectCondition[] };
}

export interface TerminatedState {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
}

export interface ContainerStates {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string | null };
  readonly terminated?: TerminatedState;
}

export interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerStates;
  readonly lastState?: ContainerStates;
}

export interface PodObject extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    /** Of the whole pod: `Evicted`, … */
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly ObjectCondition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface NamespaceObject extends KubeObject {
  readonly status?: { readonly phase?: string };
}

/** Of core/v1: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export interface EventObject extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}
