import { stepsOf } from './conditions.ts';
import type { Action } from './decision.ts';
import { currentLedger, readLedger, type Ledger } from './ledger.ts';
import { QUEUE_LABEL } from './names.ts';
import type { Observation, ObservedJob } from './observation.ts';
import type { Verdict } from './status.ts';

/** What a rule answers: the verdict, what to do before the status is written, and when to look again. */
export interface Ruling {
  readonly verdict: Verdict;
  readonly actions?: readonly Action[];
  readonly requeueAfterSeconds?: number;
}

/** What every rule is handed: the observation, read once. */
export interface Case {
  readonly seen: Observation;
  readonly ledger: Ledger;
  /** Whether the declaration asks for another run than the one the status speaks of. */
  readonly fresh: boolean;
  readonly attempt: number;
  /** The Job of this attempt. */
  readonly job: ObservedJob | undefined;
  /** Other Jobs whose pods may still run: of earlier runs, specs and attempts, or on their way out. */
  readonly strays: readonly ObservedJob[];
  readonly now: Date;
}

export function caseOf(seen: Observation, now: Date): Case {
  const ledger = currentLedger(seen);
  const before = readLedger(seen.video.status, seen.video.spec);
  const attempt = ledger.recorded + 1;
  const job = seen.jobs.find(
    (candidate) =>
      candidate.run === ledger.run &&
      candidate.specHash === ledger.specHash &&
      candidate.attempt === attempt &&
      !(candidate.state === 'active' && candidate.deleting),
  );
  return {
    seen,
    ledger,
    fresh: before?.run !== ledger.run,
    attempt,
    job,
    strays: seen.jobs.filter((candidate) => candidate !== job && candidate.state === 'active'),
    now,
  };
}

/** No attempt runs, and one will. Of a fresh run nothing is known yet but the video itself. */
export function pending({ fresh, ledger }: Case, reason: string, message: string): Verdict {
  return {
    phase: 'Pending',
    standing: 'in-progress',
    reason,
    message,
    steps: fresh ? stepsOf([], false) : undefined,
    ledger,
    facts: fresh
      ? {
          attempts: ledger.recorded,
          stage: undefined,
          transcript: undefined,
          index: undefined,
          memory: undefined,
          timings: undefined,
          job: undefined,
          startedAt: undefined,
          finishedAt: undefined,
          lastError: undefined,
        }
      : {},
  };
}

export function queueName({ video }: Observation): string | undefined {
  return video.labels[QUEUE_LABEL];
}

/** Ends a Job with its pods, unless that is under way. */
export function deleteJobs(jobs: readonly ObservedJob[]): Action[] {
  return jobs.filter((job) => !job.deleting).map(({ name, uid }) => ({ kind: 'delete-job', name, uid }));
}
