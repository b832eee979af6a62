/** Who takes part, in the order of the tables' rows. */
export const PIPELINE_PEERS = ['ours', 'faster-whisper', 'pywhispercpp', 'whisper-cli'] as const;
export type PipelinePeer = (typeof PIPELINE_PEERS)[number];

/** One recording from its link to its text (ours: until it is searchable), seen from outside. */
export interface PipelineRun {
  /** Wall time. */
  readonly seconds: number;
  /** User and system time of all processes. */
  readonly cpuSeconds: number;
  /** Largest sum of PSS over the process tree; MB of 1024². */
  readonly peakMb: number;
  /** Share of the words spoken; see wordErrorRate. */
  readonly wordErrorRate: number;
}

/** The runs of everybody on a recording of one length, ours first. */
export interface PipelineLength {
  /** Of the recording. */
  readonly speechSeconds: number;
  readonly peers: readonly { readonly peer: PipelinePeer; readonly runs: readonly PipelineRun[] }[];
}

export interface PipelineFigures {
  /** Threads that whisper.cpp was given. */
  readonly cores: number;
  /** Of what the peers are made of, by package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly lengths: readonly PipelineLength[];
}
