import { caseOf, deleteJobs, type Case } from './case.ts';
import type { Action, Decision, Notice } from './decision.ts';
import { decideDeletion } from './deletion.ts';
import type { Ledger } from './ledger.ts';
import { FINALIZER } from './names.ts';
import type { Observation } from './observation.ts';
import { rule } from './rules.ts';
import { statusOf } from './status.ts';

/**
 * What a LoomVideo needs, from what is observed: no I/O, no clock, no client. Deciding twice on one observation gives
 * the same; carrying a decision out twice changes nothing, since Jobs have names made of what they are for.
 */
export function decide(seen: Observation, now: Date): Decision {
  const deletion = decideDeletion(seen, now);
  if (deletion) return withNotices(seen, { ...deletion, actions: onceStored(seen, deletion.actions) });
  const world = caseOf(seen, now);
  const { verdict, actions = [], requeueAfterSeconds } = rule(world);
  return withNotices(seen, {
    status: statusOf(seen, verdict, now),
    actions: onceStored(seen, [...housekeeping(world), ...actions, ...release(world, verdict.ledger)]),
    requeueAfterSeconds,
  });
}

/**
 * A Job is ended only once the status holds that there was one: its trace would be gone with it, and what it may have stored
 * would never be purged. The status that says so brings the next look.
 */
function onceStored({ video }: Observation, actions: readonly Action[]): readonly Action[] {
  return video.status.ledger?.stored === true ? actions : actions.filter(({ kind }) => kind !== 'delete-job');
}

/** What is done whatever the rules say: our finalizer, and an end to Jobs that nobody asks for any more. */
function housekeeping({ seen, strays }: Case): Action[] {
  const finalizer = seen.video.finalizers.includes(FINALIZER) ? [] : [{ kind: 'add-finalizer' } as const];
  return [...finalizer, ...deleteJobs(strays)];
}

/** Jobs whose outcome the new status holds, or that no longer matter, may go. */
function release({ seen, job }: Case, after: Ledger): Action[] {
  return seen.jobs
    .filter((candidate) => candidate.state !== 'active' && !candidate.hasTtl && !candidate.deleting)
    .filter(
      (candidate) =>
        candidate !== job || candidate.state === 'complete' || candidate.attempt <= after.recorded,
    )
    .map(({ name, uid }) => ({ kind: 'release-job', name, uid }));
}

/** Tells each change of the reason once. */
function withNotices({ video }: Observation, decision: Omit<Decision, 'notices'>): Decision {
  const before = video.status.conditions?.find(({ type }) => type === 'Ready');
  const after = decision.status.conditions?.find(({ type }) => type === 'Ready');
  const notices: Notice[] = [];
  if (after && (after.reason !== before?.reason || decision.status.phase !== video.status.phase))
    notices.push({
      type:
        ['Failed', 'Retrying'].includes(decision.status.phase ?? '') ||
        after.reason === 'JobRejected' ||
        decision.status.conditions?.some(({ type }) => type === 'Stalled')
          ? 'Warning'
          : 'Normal',
      reason: after.reason,
      message: after.message,
    });
  return { ...decision, notices };
}
