import { readAttempt } from './attempt.ts';
import { deleteJobs } from './case.ts';
import type { Action, Decision } from './decision.ts';
import { backoff, currentLedger, later, waitMs, type Ledger } from './ledger.ts';
import { FINALIZER, FORCE_DELETE_ANNOTATION } from './names.ts';
import type { Observation } from './observation.ts';
import { statusOf } from './status.ts';

/** A purge is tried for this long before somebody is asked to help; seconds. After it, once in so many seconds. */
const PATIENCE_SECONDS = 3600;
const FIRST_WAIT_SECONDS = 10;
const RARE_WAIT_SECONDS = 600;

type Outcome = Omit<Decision, 'notices'>;

/**
 * What a LoomVideo that is being deleted needs: its attempts stopped, what it stored purged, then our finalizer removed.
 * The purge gives way to deletionPolicy Retain, to the annotation, and to a terminating namespace, which takes no new
 * Jobs. Undefined when it is not being deleted.
 */
export function decideDeletion(seen: Observation, now: Date): Outcome | undefined {
  const { video } = seen;
  if (!video.deletedAt) return undefined;
  const ledger = currentLedger(seen);
  if (!video.finalizers.includes(FINALIZER)) return settled(seen, []);
  if (seen.namespaceTerminating || video.annotations[FORCE_DELETE_ANNOTATION] !== undefined)
    return settled(seen, [{ kind: 'remove-finalizer' }]);

  const running = seen.jobs.filter(({ state }) => state === 'active');
  if (running.length > 0) {
    const actions = deleteJobs(running);
    return deleting(seen, ledger, now, {
      reason: 'Stopping',
      message: 'Stopping the attempt that runs.',
      actions,
    });
  }
  const nothingStored = !ledger.stored && seen.jobs.length === 0;
  if (video.spec.deletionPolicy === 'Retain' || nothingStored)
    return settled(seen, [{ kind: 'remove-finalizer' }]);
  return purge(seen, ledger, now);
}

function purge(seen: Observation, ledger: Ledger, now: Date): Outcome {
  const attempt = ledger.purgeAttempts + 1;
  const job = seen.purgeJobs.find((candidate) => candidate.attempt === attempt);
  if (seen.purgeJobs.some(({ state }) => state === 'complete'))
    return settled(seen, [{ kind: 'remove-finalizer' }]);
  const left = waitMs(ledger, now);
  if (!job && ledger.purgeAttempts > 0 && left > 0)
    return deleting(seen, ledger, now, {
      ...lastWords(seen),
      actions: [],
      requeueAfterSeconds: left / 1000,
    });
  if (!job && seen.obstacle) return deleting(seen, ledger, now, { ...seen.obstacle, actions: [] });
  if (!job) {
    const rejected = seen.jobRejection;
    return deleting(seen, ledger, now, {
      reason: rejected === undefined ? 'Purging' : 'JobRejected',
      message:
        rejected === undefined
          ? 'Removing what was stored.'
          : `The Job that removes what was stored is refused: ${rejected}`,
      actions: [{ kind: 'create-purge-job', name: seen.purgeJobName(attempt), attempt }],
    });
  }
  const state = readAttempt(job, true);
  if (state.kind === 'failed') {
    const seconds = isOverdue(seen, now)
      ? RARE_WAIT_SECONDS
      : (state.failure.retryAfterSeconds ?? backoff(FIRST_WAIT_SECONDS, attempt));
    return deleting(seen, { ...ledger, purgeAttempts: attempt, notBefore: later(now, seconds) }, now, {
      reason: state.failure.reason,
      message: `What was stored could not be removed: ${state.failure.message}`,
      actions: [],
      requeueAfterSeconds: seconds,
    });
  }
  return deleting(seen, ledger, now, {
    reason: state.kind === 'held' ? state.reason : 'Purging',
    message: state.kind === 'held' ? state.message : 'Removing what was stored.',
    actions: [],
  });
}

interface Progress {
  readonly reason: string;
  readonly message: string;
  readonly actions: readonly Action[];
  readonly requeueAfterSeconds?: number;
}

function deleting(seen: Observation, ledger: Ledger, now: Date, progress: Progress): Outcome {
  const overdue = isOverdue(seen, now);
  const help = ` It is tried again; to give it up, annotate the LoomVideo with ${FORCE_DELETE_ANNOTATION}=true, or set deletionPolicy: Retain.`;
  const message =
    overdue && !progress.message.includes(FORCE_DELETE_ANNOTATION)
      ? progress.message + help
      : progress.message;
  return {
    status: statusOf(
      seen,
      {
        phase: 'Deleting',
        standing: overdue ? 'stalled' : 'in-progress',
        reason: progress.reason,
        message,
        steps: undefined,
        ledger,
        facts: {},
      },
      now,
    ),
    actions: progress.actions,
    requeueAfterSeconds: progress.requeueAfterSeconds,
  };
}

/** Nothing more to say: the object is about to be gone. */
function settled({ video }: Observation, actions: readonly Action[]): Outcome {
  return { status: video.status, actions, requeueAfterSeconds: undefined };
}

function lastWords({ video }: Observation): { reason: string; message: string } {
  const ready = video.status.conditions?.find(({ type }) => type === 'Ready');
  return { reason: ready?.reason ?? 'Purging', message: ready?.message ?? '' };
}

function isOverdue({ video }: Observation, now: Date): boolean {
  return now.getTime() - (video.deletedAt?.getTime() ?? now.getTime()) > PATIENCE_SECONDS * 1000;
}
