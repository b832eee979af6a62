import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import { toMb } from '../common/memory/source.ts';
import { oneLine } from '../common/oneLine.ts';
import type { TranscriptArtifact } from './artifacts.ts';
import type { StageReport } from './contract/stageReport.ts';
import type { VideoJob } from './contract/videoJob.ts';
import { startDeadline } from './deadline.ts';
import { readTranscript } from './readArtifacts.ts';
import { runStage, type MemoryPolicy } from './runStage.ts';
import type { Stage, StageProgress } from './stages/stage.ts';
import { settleFolder } from './workFolders.ts';
import type { WorkFolder } from './workFolder.ts';

export interface PipelineOptions {
  readonly job: VideoJob;
  readonly folder: WorkFolder;
  /** In order; each runs only when the one before succeeded. */
  readonly stages: readonly Stage[];
  readonly memory: MemoryPolicy;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StageProgress) => void;
}

export interface PipelineResult {
  /** One per stage that ran, in order; the last one tells how the video ended. */
  readonly reports: readonly StageReport[];
  /** Undefined when no transcript was made. */
  readonly transcript: TranscriptArtifact | undefined;
  /** Whether the working folder is as it shall be. */
  readonly cleanedUp: boolean;
}

/**
 * Runs one video through its stages in this process: each resumes from what an earlier attempt finished, the first
 * failure ends the run. Never throws.
 */
export async function runPipeline(options: PipelineOptions): Promise<PipelineResult> {
  const { job, folder, stages, memory, clock, log, onProgress } = options;
  using deadline = startDeadline(job.spec.timeout);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const reports: StageReport[] = [];
  let transcript: TranscriptArtifact | undefined;
  let cleanedUp = true;
  logMemory(memory, log);
  for (const stage of stages) {
    onProgress({ stage: stage.name });
    const report = await runStage(stage, { job, folder, log, signal, onProgress }, memory, clock);
    reports.push(report);
    if (stage.name === 'transcribe' && report.outcome === 'Succeeded')
      transcript = await readTranscript(folder);
    cleanedUp = await settleFolder(folder, report);
    if (report.outcome === 'Failed') {
      log.error(
        { stage: report.stage, reason: report.reason, retryable: report.retryable },
        `❌ ${report.stage} failed: ${report.reason}: ${oneLine(report.message, 400)}`,
      );
      break;
    }
  }
  logMemory(memory, log);
  return { reports, transcript, cleanedUp };
}

function logMemory({ source, limitBytes }: MemoryPolicy, log: Logger): void {
  const memoryMb = toMb(source.sample().residentBytes);
  log.info({ memoryMb, limitMb: toMb(limitBytes) }, `💾 Memory usage: ${memoryMb}MB`);
}
