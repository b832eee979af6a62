/** What is wrong with a file of the folder, or with one object in it. */
export interface ManifestFault {
  /** From 1; of a List, the list. Absent where the whole file is at fault. */
  readonly document?: number;
  /** From 1, where it is known. */
  readonly line?: number;
  /** `namespace/name`, where it is known. */
  readonly object?: string;
  readonly message: string;
}

export interface ManifestFile {
  /** Below the folder, with `/` between. */
  readonly file: string;
  /** How many were found in it. */
  readonly documents: number;
  readonly errors: readonly ManifestFault[];
}

/** How the folder stands since it was last looked at. */
export interface ManifestsStatus {
  readonly folder: string;
  /** What is the matter with the folder as a whole. */
  readonly message?: string;
  readonly files: readonly ManifestFile[];
}
