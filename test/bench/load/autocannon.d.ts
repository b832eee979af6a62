/** autocannon has no types of its own: what the benchmarks use of it (9.0.0). */
declare module 'autocannon' {
  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    /** Requests per second of each connection; latencies then count from when a request was due. */
    readonly connectionRate?: number;
    /** Taken in turn by each connection. */
    readonly requests: readonly { readonly method: 'GET'; readonly path: string }[];
  }

  export interface Result {
    readonly errors: number;
    readonly timeouts: number;
    readonly non2xx: number;
    readonly '2xx': number;
    /** Milliseconds. */
    readonly latency: {
      readonly p50: number;
      readonly p97_5: number;
      readonly p99: number;
      readonly max: number;
    };
  }

  export default function autocannon(options: Options): Promise<Result>;
}
