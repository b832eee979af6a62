/** Milliseconds of many calls one after another. */
export interface Timing {
  readonly p50: number;
  readonly p95: number;
}

/** Exact vector search alone, ours and brute force in numpy, on the same vectors and queries. */
export interface VectorSearch {
  /** The process' highest memory: MB of 1024², resident. */
  readonly ours: Timing & { readonly peakMb: number };
  readonly numpy: Timing & { readonly peakMb: number };
  /** Share of the passages that ours found which numpy found too; 0–1. */
  readonly agreement: number;
}

/** A store of one size. */
export interface StoreSizeFigures {
  readonly videos: number;
  readonly passages: number;
  /** Of both of its files, MB of 1024². */
  readonly fileMb: number;
  /** From the start of the server's process until it is ready. */
  readonly startMs: number;
  /** The newest 50 videos. */
  readonly list: Timing;
  /** Further 20 of the list. */
  readonly page: Timing;
  /** The model being in memory. */
  readonly search: Timing;
  /** Longest time in which the server's event loop did nothing else, while it searched. */
  readonly blockedMs: number;
  /** The server's own process at most, MB of 1024², resident; without the one that holds the model. */
  readonly serverMb: number;
  readonly vectors: VectorSearch;
  /** Storing a video of ten passages: its vectors and its record, each in a transaction of its own. */
  readonly save: Timing;
}

export interface StoreFigures {
  /** Over how many calls each timing is taken. */
  readonly calls: number;
  readonly sizes: readonly StoreSizeFigures[];
}
