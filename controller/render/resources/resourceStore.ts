import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import type { Crd } from './crd.ts';
import type { LoomVideo, VideoKey } from './resource.ts';
import type { LabelSelector } from './selectors.ts';

/**
 * The LoomVideos of Render mode, with the semantics of the Kubernetes API: who works on them here works as on a cluster.
 *
 * Calls are synchronous and each is one transaction, on the disk when it returns: between a `get` and an `update` in one
 * turn of the event loop nothing comes in between. Objects that are handed out are shared and never changed: a change is
 * a new object. Refusals are thrown as ResourceFailure; what the disk refuses, as StageError (see the embedded store).
 */
export interface ResourceStore {
  readonly crd: Crd;
  /** Of the last change, as in `metadata.resourceVersion`. */
  readonly version: number;

  /** Of a manifest: pruned, defaulted and judged as the CRD says; a status is left out. The name may be generated. */
  create(namespace: string, manifest: unknown, options?: WriteOptions): LoomVideo;
  get(key: VideoKey): LoomVideo | undefined;
  /** In order of namespace and name. */
  list(query?: ListQuery): VideoPage;
  /** Likewise, each object as the text of its JSON: half the time and memory, where it is only to be sent on. */
  listJson(query?: ListQuery): VideoPage<string>;
  /** Those in which there is something, in order. */
  namespaces(): readonly string[];
  /** Everything but the status. A manifest without `metadata.resourceVersion` is refused, as for any custom resource. */
  replace(key: VideoKey, manifest: unknown, options?: WriteOptions): LoomVideo;
  /** RFC 7386, everything but the status. With `metadata.resourceVersion` in the patch a stale one is a conflict. */
  patch(key: VideoKey, patch: unknown, options?: WriteOptions): LoomVideo;
  /** The status and nothing else. */
  replaceStatus(key: VideoKey, manifest: unknown, options?: WriteOptions): LoomVideo;
  patchStatus(key: VideoKey, patch: unknown, options?: WriteOptions): LoomVideo;
  /**
   * For controllers: the status of this very object, whatever became of the rest since it was read. Undefined where it
   * is gone, or another of that name is there.
   */
  setStatus(key: VideoKey, uid: string, status: LoomVideoStatus): LoomVideo | undefined;
  /** Likewise. Without its last finalizer an object that is being deleted goes. */
  setFinalizers(key: VideoKey, uid: string, finalizers: readonly string[]): LoomVideo | undefined;
  /** With finalizers it stays, marked with its deletion, until they are gone. */
  delete(key: VideoKey, options?: DeleteOptions): Deletion;

  /**
   * Changes after `after`, in order and each once; where that is undefined, what there is comes first (`ADDED`). Changes
   * are read from the log as they are taken: a slow reader costs no memory, and falls behind with the refusal `Expired`
   * when the log forgot what it needs. Ends when the signal is aborted or the store closed.
   */
  watch(query: WatchQuery, signal: AbortSignal): AsyncIterable<VideoEvent>;
  /** Called after each change is on the disk, in order; to be quick. Returns how to stop it. */
  subscribe(listener: (change: Change) => void): () => void;
  close(): void;
}

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  /** Everything is judged and nothing stored. */
  readonly dryRun?: boolean;
  /** What becomes of fields that are unknown, or given twice: dropped with or without a word (the default), or refused. */
  readonly fieldValidation?: FieldValidation;
  /** Fields given twice, which whoever parsed the text knows of, as `duplicate field "spec.url"`. */
  readonly decodingFaults?: readonly string[];
  readonly onWarning?: (text: string) => void;
}

export interface DeleteOptions {
  readonly dryRun?: boolean;
  /** A conflict where it is another. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface Deletion {
  /** As it was last. */
  readonly video: LoomVideo;
  /** False while it has finalizers. */
  readonly gone: boolean;
}

export interface Filter {
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: LabelSelector;
}

export interface ListQuery extends Filter {
  /** All unless told. */
  readonly limit?: number;
  /** Where the page before ended. */
  readonly continue?: string;
}

export interface VideoPage<T = LoomVideo> {
  readonly items: readonly T[];
  /** To watch from; the same on each page. */
  readonly resourceVersion: string;
  /** Absent on the last page. */
  readonly continue?: string;
  /** How many there are after this page; told where no labels were asked for. */
  readonly remaining?: number;
}

export interface WatchQuery extends Filter {
  readonly after?: number;
  /** How often a watch with nothing to tell says how far it is, in milliseconds; never unless told. */
  readonly bookmarkMs?: number;
  /** A bookmark at once when all there is was told (`initial`). */
  readonly initialBookmark?: boolean;
}

/** What happened to one object; the log of these is what watches read. */
export interface Change {
  /** The object's resourceVersion. */
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly video: LoomVideo;
  /** Its labels before: a watch by labels has to know which objects leave it. Undefined where it was not there. */
  readonly labelsBefore: Readonly<Record<string, string>> | undefined;
}

export type VideoEvent =
  | { readonly type: Change['type']; readonly video: LoomVideo }
  | { readonly type: 'BOOKMARK'; readonly version: number; readonly initial: boolean };
