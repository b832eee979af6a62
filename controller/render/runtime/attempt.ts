import type { StageName, StageReport } from '../../../jobrunner/contract/stageReport.ts';
import type { VideoJob } from '../../../jobrunner/contract/videoJob.ts';
import type { VideoKey } from '../resources/resource.ts';

/** One try at one video, or at purging it: what a Job is in a cluster. It outlives the process that plays it. */
export interface Attempt {
  /** The same attempt always has the same name: see identity.ts. */
  readonly name: string;
  readonly uid: string;
  readonly kind: 'process' | 'purge';
  readonly video: VideoKey;
  readonly videoUid: string;
  readonly run: number;
  readonly specHash: string;
  readonly attempt: number;
  readonly memoryBytes: number;
  /** RFC 3339. */
  readonly createdAt: string;
  /** What its stages are told, as it was when the attempt was made. */
  readonly job: VideoJob;
  /** `running` in the file of a process that has just started: the one before was killed. */
  readonly state: 'waiting' | 'running' | 'complete' | 'failed';
  /** Which runs, or ran last; undefined before the first. */
  readonly stage: StageName | undefined;
  readonly stageStartedAt: string | undefined;
  /** It is to stop, and is forgotten once it has. */
  readonly stopping: boolean;
  /** Its process was asked to stop while it ran: that it was killed then says nothing about the video. */
  readonly leaving: boolean;
  /** Its video killed the process time and again; no memory is tried beyond what it had. */
  readonly struckOut: boolean;
  readonly vitals: Vitals;
  /** Of the stages that ended, in order. */
  readonly reports: readonly StageReport[];
}

/** What has to be known of an attempt should its process be killed; on the disk every few seconds while it runs. */
export interface Vitals {
  /** Time in which a process played it, of all its plays, whatever the clock did meanwhile; milliseconds. */
  readonly livedMs: number;
  /** The most the process tree used in the stage that runs; MB of 1024². */
  readonly peakMb: number;
  /** What the kernel had counted of kills for want of memory. */
  readonly oomKills: number;
}

/** Stages of an attempt, in order. */
export const STAGES_OF = {
  process: ['fetch', 'transcribe', 'index'],
  purge: ['purge'],
} as const satisfies Record<Attempt['kind'], readonly StageName[]>;

export function isActive({ state }: Pick<Attempt, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

/** The reports with this one in its place. A stage that was skipped has told more when it ran. */
export function withReport(reports: readonly StageReport[], report: StageReport): StageReport[] {
  const known = reports.find(({ stage, outcome }) => stage === report.stage && outcome === 'Succeeded');
  if (report.skipped && known) return [...reports];
  return [...reports.filter(({ stage }) => stage !== report.stage), report];
}
