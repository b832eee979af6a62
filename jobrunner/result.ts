import { stepConditions, type StepStatus } from './contract/conditions.ts';
import { EXIT, exitCodeOf } from './contract/exitCodes.ts';
import { factsOf, type Reason } from './contract/reasons.ts';
import type { IndexFacts, MemoryFacts, StageReport, VideoFacts } from './contract/stageReport.ts';
import type { Segment } from './artifacts.ts';
import type { VideoJob } from './contract/videoJob.ts';
import type { PipelineResult } from './pipeline.ts';

/** What `process --json` prints: fixed, scripts read it. */
export interface ProcessResult {
  readonly name: string;
  readonly url: string;
  readonly outcome: 'Succeeded' | 'Failed';
  readonly reason: StageReport['reason'];
  readonly message: string;
  readonly conditions: readonly StepStatus[];
  readonly video: VideoFacts | null;
  readonly transcript: {
    readonly language: string;
    readonly model: string;
    readonly text: string;
    readonly segments: readonly Segment[];
  } | null;
  readonly index: IndexFacts | null;
  readonly memory: MemoryFacts | null;
  /** Seconds by stage, and in all. */
  readonly timings: Readonly<Record<string, number>>;
}

export function processResult(
  { name, spec }: Pick<VideoJob, 'name' | 'spec'>,
  run: PipelineResult,
): ProcessResult {
  const { reports, transcript, cleanedUp } = run;
  const last = reports.at(-1);
  return {
    name,
    url: spec.url,
    outcome: last?.outcome ?? 'Failed',
    reason: last?.reason ?? 'InternalError',
    message: last?.message ?? 'No stage ran.',
    conditions: stepConditions(reports, cleanedUp),
    video: reports.find((report) => report.video)?.video ?? null,
    transcript: transcript
      ? {
          language: transcript.language,
          model: transcript.model,
          text: transcript.segments.map(({ text }) => text).join(' '),
          segments: transcript.segments,
        }
      : null,
    index: reports.find((report) => report.index)?.index ?? null,
    memory: memoryOf(reports),
    timings: timingsOf(reports),
  };
}

/** The result of a job that failed before its first stage. */
export function refusedResult(target: string, reason: Reason, message: string): ProcessResult {
  return {
    name: '',
    url: target,
    outcome: 'Failed',
    reason,
    message,
    conditions: stepConditions([], undefined),
    video: null,
    transcript: null,
    index: null,
    memory: null,
    timings: {},
  };
}

export function exitCodeOfResult({ outcome, reason }: ProcessResult): number {
  if (outcome === 'Succeeded' || reason === 'Completed' || reason === 'NoSpeech') return EXIT.done;
  return exitCodeOf(reason);
}

/** What to do about a failure; undefined after success. */
export function adviceOf({ reason }: ProcessResult): string | undefined {
  return reason === 'Completed' || reason === 'NoSpeech' ? undefined : factsOf(reason).advice;
}

function memoryOf(reports: readonly StageReport[]): MemoryFacts | null {
  const last = reports.at(-1);
  if (!last) return null;
  return {
    peakMb: Math.max(...reports.map(({ memory }) => memory.peakMb)),
    limitMb: last.memory.limitMb,
    afterMb: last.memory.afterMb,
  };
}

function timingsOf(reports: readonly StageReport[]): Record<string, number> {
  const timings: Record<string, number> = {};
  let total = 0;
  for (const { stage, startedAt, finishedAt } of reports) {
    const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
    timings[`${stage}Seconds`] = seconds;
    total += seconds;
  }
  return { ...timings, totalSeconds: Math.round(total * 1000) / 1000 };
}
