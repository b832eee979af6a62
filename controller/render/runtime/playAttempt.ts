import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { toMb } from '../../../common/memory/source.ts';
import { oneLine } from '../../../common/oneLine.ts';
import type { Services } from '../../../jobrunner/compose.ts';
import type { StageName, StageReport } from '../../../jobrunner/contract/stageReport.ts';
import { startDeadline } from '../../../jobrunner/deadline.ts';
import { runStage, type MemoryPolicy } from '../../../jobrunner/runStage.ts';
import type { Stage, StageProgress } from '../../../jobrunner/stages/stage.ts';
import { settleFolder, workFolderOf } from '../../../jobrunner/workFolders.ts';
import { STAGES_OF, withReport, type Attempt } from './attempt.ts';
import type { ProgressBoard } from './progress.ts';
import { Pulse } from './pulse.ts';

/**
 * Between two times at which the vitals of an attempt are written; milliseconds. A kill loses no more of them, and the disk
 * has nearly nothing to do.
 */
const BEAT_MS = 10_000;

export interface PlayOptions {
  /** Where stages come from, and how memory is watched. */
  readonly services: Pick<Services, 'memory' | 'stage'>;
  readonly workDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly board: ProgressBoard;
  /** Time that only goes forward; milliseconds. */
  readonly uptimeMs: () => number;
  /** Puts the attempt as it is now on the disk; called before a stage begins and after it has ended. */
  readonly save: (attempt: Attempt) => void;
  /** Puts its vitals there, as well as can be: it does not throw. */
  readonly note: (attempt: Attempt) => void;
  readonly signal: AbortSignal;
}

/**
 * Plays an attempt through its stages in this process, as far as it goes: the outputs that an earlier play left are taken
 * over. Returns it complete or failed, or, when the signal was aborted, waiting, with what was finished. Throws what
 * `save` throws.
 */
export async function playAttempt(begun: Attempt, options: PlayOptions): Promise<Attempt> {
  const { services, workDir, clock, board, uptimeMs, save, note, signal: stop } = options;
  const { video, job, memoryBytes } = begun;
  const log = options.log.child({ video: `${video.namespace}/${video.name}`, attempt: begun.attempt });
  const folder = workFolderOf(workDir, job);
  const { livedMs } = begun.vitals;
  const pulse = new Pulse({ source: board.watched(services.memory.source, video), livedMs, uptimeMs });
  const memory: MemoryPolicy = {
    ...services.memory,
    source: pulse.source,
    limitBytes: Math.min(services.memory.limitBytes, memoryBytes),
  };
  // Of the attempt as a whole: what earlier plays took of it is gone.
  using deadline = startDeadline(job.spec.timeout, livedMs);
  const signal = AbortSignal.any([stop, deadline.signal]);
  let attempt = begun;
  const move = (change: Partial<Attempt>): void => {
    attempt = { ...attempt, ...change, vitals: pulse.vitals };
    save(attempt);
  };
  using _beat = every(BEAT_MS, () => note({ ...attempt, vitals: pulse.vitals }));
  const end = async (report: StageReport): Promise<Attempt> => {
    if (!(await settleFolder(folder, report))) log.warn({ folder: folder.path }, 'A working folder stays');
    move({ state: report.outcome === 'Failed' ? 'failed' : 'complete' });
    logMemory(memory, log);
    return attempt;
  };
  // A play that was cut short after its last word.
  const last = begun.reports.find(isLastOf(begun));
  if (last) return end(last);
  logMemory(memory, log);
  for (const name of STAGES_OF[begun.kind]) {
    if (stop.aborted) break;
    pulse.beginStage();
    move({ state: 'running', stage: name, stageStartedAt: clock.now().toISOString() });
    const onProgress = (progress: StageProgress): void =>
      board.stage(video, progress, toMb(memory.limitBytes));
    onProgress({ stage: name });
    const report = await runStage(
      composed(name, () => services.stage(name, job.spec)),
      { job, folder, log, signal, onProgress },
      memory,
      clock,
    );
    if (report.outcome === 'Failed' && stop.aborted) {
      await settleFolder(folder, report);
      break;
    }
    // First on the disk, then the folder: an end that is not remembered would have its outputs made again. And the folder
    // before the attempt: whoever is told of its end may use the folder.
    move({ reports: withReport(attempt.reports, report) });
    if (report.outcome === 'Failed') logFailure(report, log);
    if (isLastOf(begun)(report)) return end(report);
  }
  move({ state: 'waiting' });
  return attempt;
}

function every(ms: number, act: () => void): Disposable {
  const timer = setInterval(act, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Whether this is the attempt's last word. */
function isLastOf({ kind }: Attempt): (report: StageReport) => boolean {
  return ({ outcome, stage }) => outcome === 'Failed' || stage === STAGES_OF[kind].at(-1);
}

/** A stage whose services cannot be had fails as it would in running. */
function composed(name: StageName, compose: () => Stage): Stage {
  try {
    return compose();
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { name, finished: () => Promise.resolve(undefined), run: () => Promise.reject(error) };
  }
}

function logFailure(report: StageReport, log: Logger): void {
  const { stage, reason, retryable, message } = report;
  log.error({ stage, reason, retryable }, `❌ ${stage} failed: ${reason}: ${oneLine(message, 400)}`);
}

function logMemory({ source, limitBytes }: MemoryPolicy, log: Logger): void {
  const memoryMb = toMb(source.sample().residentBytes);
  log.info({ memoryMb, limitMb: toMb(limitBytes) }, `💾 Memory usage: ${memoryMb}MB`);
}
