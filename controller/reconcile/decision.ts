import type { LoomVideoStatus } from '../../crds/generated/loomvideo.ts';

/** What is to be done, in order, after which the status is written. */
export type Action =
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'remove-finalizer' }
  | {
      readonly kind: 'create-job';
      readonly name: string;
      readonly run: number;
      readonly attempt: number;
      /** Of the whole attempt: each stage gets its share of it. */
      readonly memoryBytes: number;
      /** Kueue's: created suspended, in this queue. */
      readonly queueName: string | undefined;
    }
  | { readonly kind: 'create-purge-job'; readonly name: string; readonly attempt: number }
  /** Its pods are ended first; the Job is gone only with them. */
  | { readonly kind: 'delete-job'; readonly name: string; readonly uid: string }
  /** Its outcome is in the status: Kubernetes may remove it after a while. After the status is written. */
  | { readonly kind: 'release-job'; readonly name: string; readonly uid: string };

/** Something worth telling once, as a Kubernetes Event. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface Decision {
  /** The whole new status. */
  readonly status: LoomVideoStatus;
  readonly actions: readonly Action[];
  readonly notices: readonly Notice[];
  /** Look again after this long though nothing changed; undefined: no need. Seconds. */
  readonly requeueAfterSeconds: number | undefined;
}
