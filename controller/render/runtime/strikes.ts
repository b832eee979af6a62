import type { Logger } from '../../../common/log.ts';
import { toMb } from '../../../common/memory/source.ts';
import { OOM_REASON } from '../../../jobrunner/contract/oomReason.ts';
import type { FailedReport, StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { MemoryPolicy } from '../../../jobrunner/runStage.ts';
import { STAGES_OF, withReport, type Attempt } from './attempt.ts';
import type { RuntimeStore } from './runtimeStore.ts';

/**
 * Deaths of the process in one stage of one run, after which the video is given up. In one stage: a video that gets further
 * each time did not do it.
 */
const MAX_KILLS = 2;

export interface StrikesOptions {
  readonly store: RuntimeStore;
  readonly memory: Pick<MemoryPolicy, 'source' | 'limitBytes'>;
  readonly now: Date;
  readonly log: Logger;
}

/**
 * At the start: attempts that ran when the process before this one was killed are taken up again, unless their video did
 * it too often: then nothing is left of them but to end. A purge is always taken up: it removes, in small steps. And who was
 * asked to stop and did not manage in time (a deployment, a restart of the host) was not killed by a video.
 */
export function takeUpAttempts({ store, memory, now, log }: StrikesOptions): void {
  for (const attempt of store.attempts().filter(({ state }) => state === 'running')) {
    const { stage = STAGES_OF[attempt.kind][0], video, leaving } = attempt;
    const ended = attempt.reports.some((report) => report.stage === stage);
    const counts = !ended && !leaving && attempt.kind === 'process';
    const about = { video: `${video.namespace}/${video.name}`, stage };
    const goesOn = (kills: number): Attempt => {
      const waiting: Attempt = { ...attempt, state: 'waiting' };
      if (kills < MAX_KILLS) return waiting;
      const reports = withReport(attempt.reports, lastWord(attempt, stage, memory, now));
      return { ...waiting, struckOut: true, reports };
    };
    const { struckOut } = counts ? store.countKill(attempt, stage, goesOn) : store.put(goesOn(0));
    if (struckOut)
      log.error(about, `❌ ${stage} is not tried again: the process was killed in it ${MAX_KILLS} times`);
    else log.warn(about, `♻️ ${stage} was interrupted and is taken up again`);
  }
}

/** Who kills us leaves no word; only the kernel keeps count, where the counter outlived us. */
function lastWord(
  { stageStartedAt, createdAt, memoryBytes, vitals }: Attempt,
  stage: StageName,
  { source, limitBytes }: StrikesOptions['memory'],
  now: Date,
): FailedReport {
  const { peakMb } = vitals;
  const limitMb = toMb(Math.min(limitBytes, memoryBytes));
  const starved = source.oomKills() > vitals.oomKills;
  const killed = `The server was killed ${MAX_KILLS} times while ${stage} worked on this video`;
  return {
    stage,
    outcome: 'Failed',
    reason: starved ? OOM_REASON[stage] : 'ProcessKilled',
    message: starved
      ? `${killed}, by the kernel for want of memory.`
      : `${killed}; when last seen it used ${peakMb} MB of ${limitMb} MB.`,
    retryable: false,
    startedAt: stageStartedAt ?? createdAt,
    finishedAt: now.toISOString(),
    memory: { peakMb, limitMb, afterMb: 0 },
  };
}
