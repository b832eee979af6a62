import type { Reason } from './reasons.ts';

export const STAGES = ['fetch', 'transcribe', 'index', 'purge'] as const;
export type StageName = (typeof STAGES)[number];

/** What `fetch` learned of the video. */
export interface VideoFacts {
  readonly title: string;
  readonly uploader?: string;
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  /** Pixels. Absent where the recording has no picture. */
  readonly width?: number;
  readonly height?: number;
  /** Which way brought it: `yt-dlp`, a fallback of development, or a file. */
  readonly source: 'yt-dlp' | 'loom-api' | 'cdn' | 'open-graph' | 'direct' | 'file';
}

/** What `transcribe` made. No speech is a success with no segments and `noSpeech: true`. */
export interface TranscriptFacts {
  /** ISO 639-1 code; `en` for the English-only model. */
  readonly language: string;
  /** The model that really ran (`tiny`, `tiny.en`), or `captions`. */
  readonly model: string;
  readonly segments: number;
  readonly words: number;
  readonly noSpeech?: true;
}

/** What `index` stored. */
export interface IndexFacts {
  readonly passages: number;
  readonly model: string;
  readonly dimensions: number;
  /** Which stores hold it, for example `sqlite` or `pinecone`. */
  readonly vectorStore: string;
  readonly recordStore: string;
}

/** What `purge` removed. */
export interface PurgeFacts {
  readonly vectors: number;
  readonly records: number;
}

export interface MemoryFacts {
  /** The most the whole process tree (or container) used during the stage; MB of 1024². */
  readonly peakMb: number;
  readonly limitMb: number;
  /** What remained when the stage's children had ended; MB of 1024². */
  readonly afterMb: number;
}

interface ReportBase {
  readonly stage: StageName;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly memory: MemoryFacts;
  /** The output was already there from an earlier attempt, and valid. */
  readonly skipped?: true;
  readonly video?: VideoFacts;
  readonly transcript?: TranscriptFacts;
  readonly index?: IndexFacts;
  readonly purge?: PurgeFacts;
}

export interface SucceededReport extends ReportBase {
  readonly outcome: 'Succeeded';
  readonly reason: 'Completed' | 'NoSpeech';
  readonly message: string;
  readonly retryable: false;
}

export interface FailedReport extends ReportBase {
  readonly outcome: 'Failed';
  readonly reason: Reason;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number;
}

/**
 * How a stage ended: the return value in one process, the container's termination message in a Job.
 * Written by {@link encodeReport} it never exceeds 2,048 bytes.
 */
export type StageReport = SucceededReport | FailedReport;
