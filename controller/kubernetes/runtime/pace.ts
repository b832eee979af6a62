import { isDeepStrictEqual } from 'node:util';
import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import type { Decision } from '../../reconcile/decision.ts';
import { isSameStatus } from '../act/writeStatus.ts';

/**
 * From one status to the next where both only follow a Job, milliseconds: the steps of a pod that starts, and stages that
 * end at once, are told together. A stage that takes longer is told at once.
 */
const PACE_MS = 2000;

/**
 * From the status that records an outcome until its Job is let go, milliseconds: a Job is kept for an hour then, so this is
 * for when those that somebody waits for have been written.
 */
export const RELEASE_MS = 5000;

const FOLLOWING = new Set(['Pending', 'Running']);

/**
 * Milliseconds for which a decision may wait, as it says no more than how a Job that the status knows goes on, or only lets
 * Jobs go; 0: it is to be carried out now. `ageMs`: since our last write of this video; undefined: we have not written it.
 */
export function pacedMs(before: LoomVideoStatus, decision: Decision, ageMs: number | undefined): number {
  const { status: after, actions } = decision;
  if (ageMs === undefined || ageMs < 0) return 0;
  const unchanged = isSameStatus(before, after);
  if (actions.length > 0) {
    const onlyReleases = actions.every(({ kind }) => kind === 'release-job');
    return onlyReleases && unchanged ? Math.max(0, RELEASE_MS - ageMs) : 0;
  }
  const follows =
    FOLLOWING.has(before.phase ?? '') &&
    FOLLOWING.has(after.phase ?? '') &&
    before.observedGeneration === after.observedGeneration &&
    before.job?.uid !== undefined &&
    before.job.uid === after.job?.uid &&
    isDeepStrictEqual(before.ledger, after.ledger);
  return follows && !unchanged ? Math.max(0, PACE_MS - ageMs) : 0;
}
