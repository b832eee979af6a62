import type { StageReport } from '../../../jobrunner/contract/stageReport.ts';
import { isActive, type Attempt } from './attempt.ts';
import type { PastRun, PastStage } from './runHistory.ts';

/**
 * How an attempt is remembered, from what is remembered of it so far; undefined while it has not begun. `resumed`: it runs
 * again, after the process ended in the middle of it or after it was stopped.
 */
export function pastRunOf(
  attempt: Attempt,
  known: PastRun | undefined,
  resumed: boolean,
): PastRun | undefined {
  const { run, attempt: number, state, reports, stageStartedAt, createdAt } = attempt;
  if (!known && stageStartedAt === undefined) return undefined;
  const last = reports.at(-1);
  const interruptions = (known?.interruptions ?? 0) + (known && resumed ? 1 : 0);
  return {
    run,
    attempt: number,
    startedAt: known?.startedAt ?? stageStartedAt ?? createdAt,
    ...(!isActive(attempt) && last && { finishedAt: last.finishedAt }),
    outcome: state === 'complete' ? 'Succeeded' : state === 'failed' ? 'Failed' : 'Running',
    ...(state === 'failed' && last && { reason: last.reason }),
    ...(interruptions > 0 && { interruptions }),
    stages: stagesOf(reports, known?.stages ?? []),
  };
}

/** A run that was ended because its video asks for something else. */
export function stoppedRun({ reason: _reason, ...known }: PastRun, now: Date): PastRun {
  return { ...known, outcome: 'Stopped', finishedAt: now.toISOString() };
}

/** A stage that was skipped, its output being there, says less than it did when it ran. */
function stagesOf(reports: readonly StageReport[], known: readonly PastStage[]): PastStage[] {
  const told = reports.map(
    (report) =>
      (report.skipped &&
        known.find(({ stage, outcome }) => stage === report.stage && outcome === 'Succeeded')) ||
      pastStage(report),
  );
  return [...known.filter(({ stage }) => told.every((other) => other.stage !== stage)), ...told];
}

function pastStage({ stage, outcome, reason, startedAt, finishedAt, memory }: StageReport): PastStage {
  return {
    stage,
    outcome,
    reason,
    startedAt,
    finishedAt,
    peakMb: memory.peakMb,
    limitMb: memory.limitMb,
  };
}
