import { isReason } from '../../jobrunner/contract/reasons.ts';
import type { StageReport } from '../../jobrunner/contract/stageReport.ts';
import { reportsOf, type AttemptFailure } from './attempt.ts';
import type { Case, Ruling } from './case.ts';
import { stepsOf } from './conditions.ts';
import { recordFailure } from './ledger.ts';
import { factsOfReports } from './status.ts';

/** An attempt failed: it is charged to its budget, and tried again or given up. */
export function failed({ seen, ledger, job, attempt, now }: Case, failure: AttemptFailure): Ruling {
  const { status } = seen.video;
  const { ledger: after, verdict } = recordFailure(ledger, failure, seen, now);
  const reports = withFailure(reportsOf(job?.pod), failure, now);
  const givenUp = verdict !== undefined;
  const stage = failure.stage ?? status.stage;
  return {
    verdict: {
      phase: givenUp ? 'Failed' : 'Retrying',
      standing: givenUp ? 'stalled' : 'in-progress',
      reason: failure.reason,
      message: verdict ?? failure.message,
      steps: stepsOf(reports, true),
      ledger: { ...after, stored: true },
      facts: {
        ...factsOfReports(reportsOf(job?.pod)),
        attempts: attempt,
        job: { name: seen.jobName(ledger.run, attempt), ...(job && { uid: job.uid }) },
        ...(stage !== undefined && { stage }),
        lastError: {
          ...(stage !== undefined && { stage }),
          reason: failure.reason,
          message: failure.message,
          retryable: !givenUp,
        },
        ...(givenUp && { finishedAt: now.toISOString() }),
      },
    },
    ...(!givenUp && {
      requeueAfterSeconds: after.notBefore ? (after.notBefore.getTime() - now.getTime()) / 1000 : 0,
    }),
  };
}

/** A kernel's kill leaves no report; the conditions are made from one all the same. */
function withFailure(reports: readonly StageReport[], failure: AttemptFailure, now: Date): StageReport[] {
  const { stage, reason } = failure;
  const told = reports.some(({ outcome }) => outcome === 'Failed');
  if (told || stage === undefined || !isReason(reason)) return [...reports];
  return [
    ...reports,
    {
      stage,
      outcome: 'Failed',
      reason,
      message: failure.message,
      retryable: false,
      startedAt: now.toISOString(),
      finishedAt: now.toISOString(),
      memory: { peakMb: 0, limitMb: 0, afterMb: 0 },
    },
  ];
}
