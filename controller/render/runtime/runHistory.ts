import type { StageName } from '../../../jobrunner/contract/stageReport.ts';

/** One attempt at one video, as people look back on it. */
export interface PastRun {
  /** 1 is the first; each retry begins another. */
  readonly run: number;
  /** Within its run, from 1. */
  readonly attempt: number;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339; absent while it runs. */
  readonly finishedAt?: string;
  /** `Stopped`: the declaration was suspended or changed while it ran. */
  readonly outcome: 'Running' | 'Succeeded' | 'Failed' | 'Stopped';
  /** Of the stage that ended it, where it failed. */
  readonly reason?: string;
  /** How often it was cut short and went on: the server stopped, or was killed. Absent: never. */
  readonly interruptions?: number;
  readonly stages: readonly PastStage[];
}

/** A stage of it that ended. Memory is of the whole process tree, MB of 1024². */
export interface PastStage {
  readonly stage: StageName;
  readonly outcome: 'Succeeded' | 'Failed';
  readonly reason: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly peakMb: number;
  readonly limitMb: number;
}

/** The last runs of a video, oldest first; a bounded number is kept. */
export type RunsOf = (videoUid: string) => readonly PastRun[];
