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

/** The same while other videos wait for a worker, milliseconds: of all that is written it costs the apiserver most. */
const RELEASE_WHILE_BUSY_MS = 30_000;

const FOLLOWING = new Set(['Pending', 'Running']);

export interface Moment {
  /** Since our last write of this video, milliseconds; undefined: we have not written it. */
  readonly ageMs: number | undefined;
  /** Whether other videos wait for a worker. */
  readonly busy: boolean;
}

/**
 * Milliseconds for which a decision may wait, as it says no more than how a Job that the status knows goes on, or only lets
 * Jobs go; 0: it is to be carried out now.
 */
export function pacedMs(before: LoomVideoStatus, decision: Decision, { ageMs, busy }: Moment): number {
  const { status: after, actions } = decision;
  if (ageMs === undefined || ageMs < 0) return 0;
  const unchanged = isSameStatus(before, after);
  if (actions.length > 0) {
    const onlyReleases = actions.every(({ kind }) => kind === 'release-job');
    if (!onlyReleases || !unchanged) return 0;
    return Math.max(0, (busy ? RELEASE_WHILE_BUSY_MS : RELEASE_MS) - ageMs);
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
