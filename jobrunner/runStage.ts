import type { Clock } from '../common/clock.ts';
import { toMb, type MemorySource } from '../common/memory/source.ts';
import { MemoryWatch } from '../common/memory/watch.ts';
import { oneLine } from '../common/oneLine.ts';
import { OOM_REASON } from './contract/oomReason.ts';
import { abortError, StageError } from './contract/stageError.ts';
import type { StageName, StageReport } from './contract/stageReport.ts';
import { isServiceTrouble } from './stages/retryInPlace.ts';
import type { Stage, StageContext, StageFacts } from './stages/stage.ts';

/** How memory is watched: see common/memory. */
export interface MemoryPolicy {
  readonly source: MemorySource;
  readonly limitBytes: number;
  readonly guard: boolean;
}

/** Milliseconds between two looks at memory. One takes 0.6 ms over a process tree (docs/decisions/0004-memory-of-the-tree.md). */
const SAMPLE_INTERVAL_MS = 100;

/** The fixed log line of a stage's memory: people search for these words. */
const AFTER_STAGE = {
  fetch: 'After yt-dlp download',
  transcribe: 'After transcription',
  index: 'After indexing',
  purge: 'After purge',
} as const satisfies Record<StageName, string>;

/**
 * Runs one stage under the memory guard and turns however it ends into a report; never throws. Output that is already
 * there and valid is not made again.
 */
export async function runStage(
  stage: Stage,
  context: StageContext,
  policy: MemoryPolicy,
  clock: Clock,
): Promise<StageReport> {
  const { log } = context;
  const startedAt = clock.now().toISOString();
  const overBudget = new AbortController();
  const limitMb = toMb(policy.limitBytes);
  const killsBefore = policy.source.oomKills();
  const watch = new MemoryWatch({
    source: policy.source,
    limitBytes: policy.limitBytes,
    intervalMs: SAMPLE_INTERVAL_MS,
    ...(policy.guard && {
      onExceeded: (sample) => {
        const message = `${stage.name} used ${toMb(sample.unreclaimableBytes)} MB, over 90 % of its ${limitMb} MB.`;
        if (stage.name === 'fetch') log.error('❌ Memory limit exceeded during Loom download');
        else log.error({ stage: stage.name }, `❌ Memory limit exceeded: ${message}`);
        overBudget.abort(new StageError('MemoryLimitExceeded', message, { killsAtOnce: true }));
      },
    }),
  });
  const signal = AbortSignal.any([context.signal, overBudget.signal]);

  const finish = (): Pick<StageReport, 'stage' | 'startedAt' | 'finishedAt' | 'memory'> => {
    const afterMb = toMb(watch.sample().residentBytes);
    watch.stop();
    log.info(
      { stage: stage.name, memoryMb: afterMb, limitMb },
      `💾 ${AFTER_STAGE[stage.name]} - Memory: ${afterMb}MB`,
    );
    return {
      stage: stage.name,
      startedAt,
      finishedAt: clock.now().toISOString(),
      memory: { peakMb: toMb(watch.peakBytes), limitMb, afterMb },
    };
  };

  try {
    await context.folder.create();
    const present = await stage.finished({ ...context, signal });
    if (present) log.info({ stage: stage.name }, `♻️ ${stage.name} was finished by an earlier run`);
    const facts = present ?? (await stage.run({ ...context, signal }));
    return { ...finish(), ...successOf(stage.name, facts), ...(present && { skipped: true }) };
  } catch (thrown) {
    const killed = policy.source.oomKills() > killsBefore;
    const error = killed ? oomError(stage.name, thrown) : stageErrorOf(thrown, signal);
    if (error.reason === 'InternalError') log.error({ err: thrown }, 'A stage failed in a way it should not');
    return {
      ...finish(),
      outcome: 'Failed',
      reason: error.reason,
      message: oneLine(error.message, 1000),
      retryable: error.retryable,
      ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    };
  }
}

function successOf(
  stage: StageName,
  { noSpeech, ...facts }: StageFacts,
): Omit<Extract<StageReport, { outcome: 'Succeeded' }>, 'stage' | 'startedAt' | 'finishedAt' | 'memory'> {
  return {
    outcome: 'Succeeded',
    reason: noSpeech ? 'NoSpeech' : 'Completed',
    message: noSpeech ? 'Nobody speaks in this video.' : `${stage} completed.`,
    retryable: false,
    ...facts,
  };
}

/** Under cgroup v1 the kernel may kill a child and spare us: its counter tells. */
function oomError(stage: StageName, cause: unknown): StageError {
  return new StageError(OOM_REASON[stage], `The kernel killed a process of ${stage} for want of memory.`, {
    cause,
  });
}

function stageErrorOf(thrown: unknown, signal: AbortSignal): StageError {
  // Once aborted, whatever broke as a result says less than the reason of the abort; a service that was waited for
  // until the deadline says more.
  if (signal.aborted) {
    const abort = abortError(signal);
    return abort.reason === 'DeadlineExceeded' && isServiceTrouble(thrown) ? thrown : abort;
  }
  if (thrown instanceof StageError) return thrown;
  if (isDiskFull(thrown))
    return new StageError('DiskFull', 'The disk of the working folder is full.', { cause: thrown });
  return new StageError('InternalError', `Unexpected: ${String(thrown)}`, { cause: thrown });
}

function isDiskFull(thrown: unknown): boolean {
  return (
    thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT')
  );
}
