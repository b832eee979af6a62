import type { StageEnding } from '../../../telemetry/stageMetrics.ts';
import type { RunsOf } from '../../runtime/runHistory.ts';

/** Finds the stages that have ended, each once, in the history of the runs. */
export class StageEndings {
  readonly #runsOf: RunsOf;
  /** By the video's uid when the last stage that was told had ended, as Date has it. */
  readonly #told = new Map<string, number>();
  readonly #since: number;

  /** `since`: what ended before is not told. */
  constructor(runsOf: RunsOf, since: Date) {
    this.#runsOf = runsOf;
    this.#since = since.getTime();
  }

  /** Those of a video that have ended since it was last asked for. */
  of(videoUid: string): StageEnding[] {
    const since = this.#told.get(videoUid) ?? this.#since;
    const ended = this.#runsOf(videoUid)
      .flatMap(({ stages }) => stages)
      .filter(({ finishedAt }) => Date.parse(finishedAt) > since);
    if (ended.length > 0)
      this.#told.set(videoUid, Math.max(...ended.map(({ finishedAt }) => Date.parse(finishedAt))));
    return ended.map(({ stage, reason, startedAt, finishedAt }) => ({
      stage,
      outcome: reason,
      oomKilled: reason.endsWith('OOMKilled'),
      seconds: Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000),
    }));
  }

  forget(videoUid: string): void {
    this.#told.delete(videoUid);
  }
}
