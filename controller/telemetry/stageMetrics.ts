import type * as prom from 'prom-client';
import type { StageName } from '../../jobrunner/contract/stageReport.ts';
import { Counter, Histogram } from './promClient.ts';

/** A stage that ended. */
export interface StageEnding {
  readonly stage: StageName;
  /** The report's reason where there is one, else what ended it: `OOMKilled`, `Error`, … as kubelet says it. */
  readonly outcome: string;
  /** Undefined where it is not known. */
  readonly seconds: number | undefined;
  readonly oomKilled: boolean;
}

/** The metrics of stages, the same wherever they run. */
export class StageMetrics {
  readonly #durations: prom.Histogram<'stage' | 'outcome'>;
  readonly #oomKills: prom.Counter<'stage'>;

  constructor(registry: prom.Registry) {
    const registers = [registry];
    this.#durations = new Histogram({
      name: 'loomvideo_stage_duration_seconds',
      help: 'Time of a stage by how it ended.',
      labelNames: ['stage', 'outcome'],
      buckets: [1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1800],
      registers,
    });
    this.#oomKills = new Counter({
      name: 'loomvideo_oom_kills_total',
      help: 'Stages that the kernel ended for want of memory.',
      labelNames: ['stage'],
      registers,
    });
  }

  ended({ stage, outcome, seconds, oomKilled }: StageEnding): void {
    if (seconds !== undefined) this.#durations.observe({ stage, outcome }, seconds);
    if (oomKilled) this.#oomKills.inc({ stage });
  }
}
