/** What one controller did with so many videos at once. Memory in MB of 1024², resident. */
export interface ControllerRun {
  /** From the first creation to the last Ready. */
  readonly seconds: number;
  /** Until the last was created. */
  readonly creationSeconds: number;
  /** From the answer to a creation until its Job is seen. */
  readonly toJobMs: { readonly p50: number; readonly p99: number };
  /** The controller's requests per video, by verb and resource; without its watches. */
  readonly requests: Readonly<Record<string, number>>;
  /** Per video; absent where the controller does not say. */
  readonly reconciles?: number;
  readonly cpuSeconds: number;
  /** Of the apiserver and etcd, for everybody. */
  readonly apiserverCpuSeconds: number;
  readonly idleMb: number;
  readonly peakMb: number;
  readonly endMb: number;
  /** After all were deleted, and a while; absent where they were left. */
  readonly deletedMb?: number;
}

/** The runs of each controller with one number of videos, in the order of the table's columns; the others are compared with the first. */
export interface ControllerSize {
  readonly videos: number;
  readonly peers: readonly { readonly peer: string; readonly runs: readonly ControllerRun[] }[];
}

export interface ControllerFigures {
  /** Milliseconds of each of the three stages of a Job. */
  readonly stageMs: number;
  readonly sizes: readonly ControllerSize[];
}

export const writesPerVideo = ({ requests }: ControllerRun): number => sum(requests, isWrite);
export const readsPerVideo = ({ requests }: ControllerRun): number => sum(requests, (what) => !isWrite(what));

const isWrite = (what: string): boolean => !/^(GET|LIST) /.test(what);

function sum(requests: ControllerRun['requests'], counts: (what: string) => boolean): number {
  return Object.entries(requests).reduce((total, [what, count]) => total + (counts(what) ? count : 0), 0);
}
