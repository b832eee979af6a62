import type { Logger } from '../../common/log.ts';
import type {
  IndexFacts,
  PurgeFacts,
  StageName,
  TranscriptFacts,
  VideoFacts,
} from '../contract/stageReport.ts';
import type { VideoJob } from '../contract/videoJob.ts';
import type { WorkFolder } from '../workFolder.ts';

export interface StageProgress {
  readonly stage: StageName;
  /** 0–100, where it is known. */
  readonly percent?: number;
  /** A few words for people, one line, safe to show. */
  readonly detail?: string;
}

/** What every stage is handed. */
export interface StageContext {
  readonly job: VideoJob;
  readonly folder: WorkFolder;
  readonly log: Logger;
  /** Aborted by the user, the deadline or the memory guard; its reason is a StageError where there is more to say. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StageProgress) => void;
}

/** What a stage found out, for its report. */
export interface StageFacts {
  readonly video?: VideoFacts;
  readonly transcript?: TranscriptFacts;
  readonly index?: IndexFacts;
  readonly purge?: PurgeFacts;
  readonly noSpeech?: true;
}

/**
 * A step: working folder in, files out, facts returned, StageError thrown. It writes its output aside and renames
 * it last, so output that is there is whole.
 */
export interface Stage {
  readonly name: StageName;
  /** The facts of output that is already there and valid, else undefined. Never throws on a broken file. */
  finished(context: StageContext): Promise<StageFacts | undefined>;
  run(context: StageContext): Promise<StageFacts>;
}
