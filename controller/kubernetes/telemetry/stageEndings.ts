import { STAGES } from '../../../jobrunner/contract/stageReport.ts';
import { observePod } from '../gather/observePod.ts';
import type { PodObject } from '../objects.ts';
import type { StageEnding } from '../../telemetry/stageMetrics.ts';

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
