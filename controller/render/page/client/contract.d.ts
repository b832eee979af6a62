/** What the program API answers (`/api/openapi.json`), as far as the page reads it. Times are seconds, instants RFC 3339. */

export type Phase =
  | 'Pending'
  | 'Queued'
  | 'Running'
  | 'Retrying'
  | 'Ready'
  | 'Failed'
  | 'Suspended'
  | 'Deleting';

export type StageName = 'fetch' | 'transcribe' | 'index' | 'purge';

export interface VideoKey {
  readonly namespace: string;
  readonly name: string;
}

export interface Progress {
  readonly stage: StageName;
  /** 0–100. */
  readonly percent?: number;
  readonly detail?: string;
  readonly memoryMb: number;
  readonly limitMb: number;
}

export interface Summary extends VideoKey {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly url: string;
  readonly title?: string;
  readonly phase: Phase;
  readonly stage?: StageName;
  readonly reason?: string;
  readonly message?: string;
  /** What to do about the reason, a sentence. */
  readonly advice?: string;
  readonly retryable?: boolean;
  readonly durationSeconds?: number;
  /** ISO 639-1. */
  readonly language?: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly deleting: boolean;
  readonly peakMb?: number;
  readonly limitMb?: number;
  readonly passages?: number;
  readonly progress?: Progress;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface Chapter {
  readonly start: number;
  readonly title: string;
}

export interface PastStage {
  readonly stage: StageName;
  readonly outcome: 'Succeeded' | 'Failed';
  readonly reason: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly peakMb: number;
  readonly limitMb: number;
}

export interface PastRun {
  readonly run: number;
  readonly attempt: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly outcome: 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly stages: readonly PastStage[];
}

export interface Timings {
  readonly fetchSeconds?: number;
  readonly transcribeSeconds?: number;
  readonly indexSeconds?: number;
  readonly totalSeconds?: number;
}

export interface Detail extends Summary {
  readonly conditions: readonly Condition[];
  readonly chapters: readonly Chapter[];
  /** Oldest first. */
  readonly runs: readonly PastRun[];
  readonly timings?: Timings;
}

export interface VideoList {
  readonly items: readonly Summary[];
  readonly continue?: string;
  readonly total: number;
  /** Of all videos, by phase; a phase without any is absent. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  readonly resourceVersion: string;
}

export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Opens the video at that second. */
  readonly url?: string;
}

export interface Transcript extends VideoKey {
  readonly title: string;
  readonly url?: string;
  readonly language: string;
  readonly model: string;
  readonly durationSeconds: number;
  readonly chapters: readonly Chapter[];
  readonly segments: readonly Segment[];
}

export interface AddResult {
  readonly link: string;
  readonly outcome: 'created' | 'exists' | 'invalid';
  readonly namespace?: string;
  readonly name?: string;
  readonly message?: string;
}

export interface SearchResult extends VideoKey {
  readonly video: string;
  readonly title: string;
  readonly chapter?: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** UTF-16 offsets into `text`, from and to. */
  readonly highlights: readonly (readonly [number, number])[];
  readonly score: number;
  /** Opens the video where the passage begins. */
  readonly url?: string;
  /** Whether there is a video of this name: what was kept when it was deleted is found too. */
  readonly exists: boolean;
}

export interface SearchAnswer {
  readonly query: string;
  readonly ranking: 'hybrid' | 'lexical';
  readonly results: readonly SearchResult[];
}

export interface Session {
  readonly required: boolean;
  readonly authenticated: boolean;
}
