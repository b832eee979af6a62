import type { Logger } from '../../../common/log.ts';
import { toMb } from '../../../common/memory/source.ts';
import { STAGES_OF, withReport, type Attempt } from './attempt.ts';
import type { RuntimeStore } from './runtimeStore.ts';

/**
 * Deaths of the process in one stage of one run, after which the video is given up. In one stage: a video that gets further
 * each time did not do it.
 */
const MAX_KILLS = 2;

export interface StrikesOptions {
  readonly store: RuntimeStore;
  readonly memoryLimitBytes: number;
  readonly now: Date;
  readonly log: Logger;
}

/**
 * At the start: attempts that ran when the process before this one was killed are taken up again, unless their video did
 * it too often. A purge is always taken up: it removes, in small steps.
 */
export function takeUpAttempts({ store, memoryLimitBytes, now, log }: StrikesOptions): void {
  for (const attempt of store.attempts().filter(({ state }) => state === 'running')) {
    const { stage = STAGES_OF[attempt.kind][0], video } = attempt;
    const ended = attempt.reports.some((report) => report.stage === stage);
    const kills =
      ended || attempt.kind === 'purge' ? 0 : store.countKill(attempt.videoUid, attempt.run, stage);
    const about = { video: `${video.namespace}/${video.name}`, stage, kills };
    if (kills < MAX_KILLS) {
      log.warn(about, `♻️ ${stage} was interrupted and is taken up again`);
      store.put({ ...attempt, state: 'waiting' });
    } else {
      log.error(about, `❌ ${stage} is not tried again: the process was killed in it ${kills} times`);
      store.put(struckOut(attempt, stage, Math.min(memoryLimitBytes, attempt.memoryBytes), now));
    }
  }
}

/** Nothing but the kernel, for want of memory, is known to kill us without a word in the middle of a stage. */
function struckOut(
  attempt: Attempt,
  stage: NonNullable<Attempt['stage']>,
  bytes: number,
  now: Date,
): Attempt {
  return {
    ...attempt,
    state: 'failed',
    struckOut: true,
    reports: withReport(attempt.reports, {
      stage,
      outcome: 'Failed',
      reason: 'MemoryLimitExceeded',
      message: `The server was killed ${MAX_KILLS} times while ${stage} worked on this video, most likely for want of memory.`,
      retryable: false,
      startedAt: attempt.stageStartedAt ?? attempt.createdAt,
      finishedAt: now.toISOString(),
      memory: { peakMb: 0, limitMb: toMb(bytes), afterMb: 0 },
    }),
  };
}
