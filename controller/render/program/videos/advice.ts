import { factsOf, isReason, type Reason } from '../../../../jobrunner/contract/reasons.ts';

/** Where the advice counts on a further try, what to do once there is none. */
const GIVEN_UP: Partial<Record<Reason, string>> = {
  DownloadTimeout: 'Retry it; if it stays slow, raise spec.limits.downloadTimeout.',
  DeadlineExceeded: 'Retry it; if it stays slow, raise spec.timeout.',
  DiskFull: 'Free space in the working folder (LOOMVIDEO_WORK_DIR), then retry.',
};

/** What a user can do about a video that failed for this reason; undefined where nobody has advice. */
export function adviceOf(reason: string | undefined, phase: string): string | undefined {
  if (!isReason(reason)) return undefined;
  const { class: kind, advice } = factsOf(reason);
  if (phase !== 'Failed' || kind !== 'transient') return advice;
  return GIVEN_UP[reason] ?? 'It is not tried any more by itself: retry it later.';
}
