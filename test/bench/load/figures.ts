/** Clients that ask at a fixed rate; latencies in milliseconds, from when a request was due. */
export interface LoadedClients {
  readonly clients: number;
  /** Of each client. */
  readonly perSecond: number;
  readonly answers: number;
  /** Refused, broken or answered with anything but 2xx. */
  readonly errors: number;
  readonly latency: {
    readonly p50: number;
    readonly p97_5: number;
    readonly p99: number;
    readonly max: number;
  };
}

export interface LoadFigures {
  readonly seconds: number;
  /** In the store. */
  readonly videos: number;
  readonly passages: number;
  readonly reads: LoadedClients;
  readonly searches: LoadedClients;
  readonly events: { readonly clients: number; readonly told: number; readonly broken: number };
  /** Videos that were posted before the load began, and how many of them became Ready. */
  readonly posted: number;
  readonly finished: number;
  /** Largest sum of PSS over the server's process tree; MB of 1024². */
  readonly peakMb: number;
  /** Longest time in which the server's event loop did nothing else. */
  readonly blockedMs: number;
}
