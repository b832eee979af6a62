import { factsOf, type Reason, type StepCondition } from './reasons.ts';
import type { StageReport } from './stageReport.ts';

export interface StepStatus {
  readonly type: StepCondition;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export const STEP_CONDITIONS = [
  'Downloaded',
  'Validated',
  'Transcribed',
  'Embedded',
  'CleanedUp',
  'MemoryStable',
] as const satisfies readonly StepCondition[];

/** Which conditions the success of a stage turns True. */
const PROVEN_BY = {
  fetch: ['Downloaded', 'Validated'],
  transcribe: ['Transcribed'],
  index: ['Embedded'],
  purge: [],
} as const satisfies Record<StageReport['stage'], readonly StepCondition[]>;

/** The condition a failure of the stage shows on when its reason belongs to no step of that stage (an interruption). */
const STEP_OF = {
  fetch: 'Downloaded',
  transcribe: 'Transcribed',
  index: 'Embedded',
  purge: 'CleanedUp',
} as const satisfies Record<StageReport['stage'], StepCondition>;

/**
 * The six success indicators as far as the reports of one attempt tell them, in order. `cleanedUp` says whether the
 * working folder is as it shall be; undefined: not known yet.
 */
export function stepConditions(
  reports: readonly StageReport[],
  cleanedUp: boolean | undefined,
): StepStatus[] {
  const known = new Map<StepCondition, Omit<StepStatus, 'type'>>();
  for (const report of reports) {
    if (report.outcome === 'Succeeded') {
      for (const type of PROVEN_BY[report.stage])
        known.set(type, { status: 'True', reason: report.reason, message: report.message });
    } else {
      const type = conditionOf(report.stage, report.reason);
      // What failed validation had been downloaded.
      if (type === 'Validated') known.set('Downloaded', { status: 'True', reason: 'Completed', message: '' });
      known.set(type, { status: 'False', reason: report.reason, message: report.message });
    }
  }
  if (cleanedUp !== undefined)
    known.set('CleanedUp', {
      status: cleanedUp ? 'True' : 'False',
      reason: cleanedUp ? 'Completed' : 'CleanupFailed',
      message: cleanedUp
        ? 'The working folder holds nothing more of this run.'
        : 'The working folder could not be emptied.',
    });
  if (reports.length > 0 && !known.has('MemoryStable')) known.set('MemoryStable', memoryStable(reports));
  return STEP_CONDITIONS.map((type) => ({
    type,
    ...(known.get(type) ?? { status: 'Unknown', reason: 'Pending', message: '' }),
  }));
}

function conditionOf(stage: StageReport['stage'], reason: Reason): StepCondition {
  const { condition } = factsOf(reason);
  if (condition === 'MemoryStable') return condition;
  const own: readonly StepCondition[] = [...PROVEN_BY[stage], STEP_OF[stage]];
  return own.includes(condition) ? condition : STEP_OF[stage];
}

function memoryStable(reports: readonly StageReport[]): Omit<StepStatus, 'type'> {
  const peakMb = Math.max(...reports.map((report) => report.memory.peakMb));
  const limitMb = Math.max(...reports.map((report) => report.memory.limitMb));
  return { status: 'True', reason: 'WithinLimit', message: `Peak ${peakMb} MB of ${limitMb} MB.` };
}
