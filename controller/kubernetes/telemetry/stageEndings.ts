import { STAGES, type StageName } from '../../../jobrunner/contract/stageReport.ts';
import { observePod } from '../gather/observePod.ts';
import type { PodObject } from '../objects.ts';

export interface StageEnding {
  readonly stage: StageName;
  /** The report's reason where there is one, else `OOMKilled`, `Error`, … as kubelet says it. */
  readonly outcome: string;
  readonly seconds: number | undefined;
  readonly oomKilled: boolean;
}

/** Stages that ended between two looks at a pod, each once. */
export function stageEndings(before: PodObject | undefined, after: PodObject): StageEnding[] {
  const known = before && observePod(before);
  const { containers } = observePod(after);
  return STAGES.flatMap((stage) => {
    const state = containers.get(stage);
    if (state?.kind !== 'terminated' || known?.containers.get(stage)?.kind === 'terminated') return [];
    const { report, reason, startedAt, finishedAt } = state;
    return [
      {
        stage,
        outcome: reason === 'OOMKilled' ? reason : (report?.reason ?? (reason || 'Unknown')),
        seconds: startedAt && finishedAt && Math.max(0, (finishedAt.getTime() - startedAt.getTime()) / 1000),
        oomKilled: reason === 'OOMKilled' || (report?.reason.endsWith('OOMKilled') ?? false),
      },
    ];
  });
}
