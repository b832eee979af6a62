/** The calls of the Kubernetes API that the controller makes; one implementation speaks to an apiserver. */

/** What every object has; the rest is the kind's own. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubeMetadata;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface KubeList<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | {
      readonly type: 'BOOKMARK';
      readonly object: { readonly metadata: { readonly resourceVersion: string } };
    }
  | { readonly type: 'ERROR'; readonly object: KubeStatus };

/** The apiserver's `Status` object. */
export interface KubeStatus {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** Query parameters of a list or watch. */
export type KubeQuery = Readonly<Record<string, string | number | boolean>>;

/** Paths are absolute, such as `/apis/batch/v1/namespaces/team-a/jobs`. Every call throws {@link ApiError}. */
export interface KubeApi {
  /** Undefined where there is none. */
  get<T>(path: string, signal: AbortSignal): Promise<T | undefined>;
  /** One page. */
  list<T>(path: string, query: KubeQuery, signal: AbortSignal): Promise<KubeList<T>>;
  create<T>(path: string, body: object, signal: AbortSignal): Promise<T>;
  /** Server-side apply. `force` takes fields over from other managers. With metadata.resourceVersion a stale one is a conflict. */
  apply<T>(
    path: string,
    body: object,
    options: { fieldManager: string; force: boolean },
    signal: AbortSignal,
  ): Promise<T>;
  mergePatch<T>(path: string, body: object, signal: AbortSignal): Promise<T>;
  replace<T>(path: string, body: object, signal: AbortSignal): Promise<T>;
  /** Nothing happens where there is none, or one of another uid. */
  delete(
    path: string,
    options: { uid?: string; propagationPolicy: 'Foreground' | 'Background' | 'Orphan' },
    signal: AbortSignal,
  ): Promise<void>;
  /** Events until the server ends the watch (returns) or it breaks (throws). */
  watch<T>(path: string, query: KubeQuery, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
}

/** An answer that is no success, or none at all (`status` 0: the apiserver was not reached, or went silent). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The apiserver's word: `AlreadyExists`, `Conflict`, `Forbidden`, `Invalid`, `Expired`, … */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    {
      status,
      reason,
      message,
      retryAfterSeconds,
    }: { status: number; reason: string; message: string; retryAfterSeconds?: number },
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
