import type { Candidate } from '../../reconcile/admission.ts';
import { readAttempt } from '../../reconcile/attempt.ts';
import { queueName } from '../../reconcile/case.ts';
import type { Decision } from '../../reconcile/decision.ts';
import type { Observation } from '../../reconcile/observation.ts';

/**
 * What a video wants of the caps. `open`: what is decided for it where they have room. Videos of a Kueue queue count against
 * none of ours.
 */
export function wantsOf(seen: Observation, open: Decision): Candidate['wants'] {
  if (queueName(seen) !== undefined) return 'none';
  if (seen.jobs.some(takesPlace)) return 'active';
  return open.actions.some(({ kind }) => kind === 'create-job') ? 'waiting' : 'none';
}

function takesPlace(job: Observation['jobs'][number]): boolean {
  if (job.state !== 'active') return false;
  const state = readAttempt(job, false);
  return state.kind !== 'held' || state.holdsSlot;
}
