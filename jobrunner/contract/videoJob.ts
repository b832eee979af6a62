import type { LoomVideoSpec } from '../../crds/generated/loomvideo.ts';

/** Whose vectors and records these are: purge removes only what this very uid wrote under this key. */
export interface Owner {
  /** `<scope>.<namespace>.<name>`; scope is the cluster's name, `render` or `local`. */
  readonly key: string;
  /** metadata.uid of the resource; a stable stand-in for the command line. */
  readonly uid: string;
}

/** One video to process: what the stages are told, and all they are told. Holds no secret. */
export interface VideoJob {
  readonly name: string;
  readonly owner: Owner;
  /** With the schema's defaults filled in. */
  readonly spec: LoomVideoSpec;
}
