import { oneLine } from '../../common/oneLine.ts';
import type { LoomVideoStatus } from '../../crds/generated/loomvideo.ts';
import { stepConditions } from '../../jobrunner/contract/conditions.ts';
import type { StageReport } from '../../jobrunner/contract/stageReport.ts';

export type Condition = NonNullable<LoomVideoStatus['conditions']>[number];
/** A condition before it has a time and a generation. */
export type ConditionFacts = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Characters of a message: enough for any reason, little enough for a list of thousands. */
const MAX_MESSAGE = 1024;

/**
 * The new conditions with their times: a condition whose status did not change keeps its time. Those not named go.
 */
export function stampConditions(
  facts: readonly ConditionFacts[],
  before: readonly Condition[] | undefined,
  { generation, now }: { generation: number; now: Date },
): Condition[] {
  return facts.map(({ type, status, reason, message }) => {
    const known = before?.find((condition) => condition.type === type);
    return {
      type,
      status,
      observedGeneration: generation,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime : now.toISOString(),
      reason,
      message: oneLine(message, MAX_MESSAGE),
    };
  });
}

/** How a resource as a whole stands, as kstatus reads it: current, in progress, or failed for good. */
export type Standing = 'current' | 'in-progress' | 'stalled';

/**
 * `Ready`, and by kstatus' rules `Reconciling` while work is under way, `Stalled` where only a user can help. The two are
 * abnormal-true: they are there only when True.
 */
export function topConditions(standing: Standing, reason: string, message: string): ConditionFacts[] {
  const ready: ConditionFacts = {
    type: 'Ready',
    status: standing === 'current' ? 'True' : 'False',
    reason,
    message,
  };
  if (standing === 'in-progress') return [ready, { type: 'Reconciling', status: 'True', reason, message }];
  if (standing === 'stalled') return [ready, { type: 'Stalled', status: 'True', reason, message }];
  return [ready];
}

/** The six step conditions while an attempt is under way, or after its failure. */
export function stepsOf(reports: readonly StageReport[], ended: boolean): ConditionFacts[] {
  return stepConditions(reports, ended ? true : undefined);
}

/**
 * The six step conditions of a Job that completed. Where its pod is gone its reports are too: a completed Job has done
 * every step all the same.
 */
export function completedSteps(
  reports: readonly StageReport[],
  before: readonly Condition[] | undefined,
): ConditionFacts[] {
  return stepsOf(reports, true).map((fact) => {
    if (fact.status === 'True') return fact;
    const known = before?.find(({ type, status }) => type === fact.type && status === 'True');
    return (
      known ?? {
        type: fact.type,
        status: 'True',
        reason: 'Completed',
        message: 'The Job completed; its report is gone.',
      }
    );
  });
}
