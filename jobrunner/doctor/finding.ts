import { factsOf } from '../contract/reasons.ts';
import { StageError } from '../contract/stageError.ts';
import { SetupError } from '../setup/step.ts';

/** One thing that was looked at. */
export interface Finding {
  /** `warn`: it works, but somebody should know. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was found, one line. */
  readonly what: string;
  /** What to do about it, one line. */
  readonly remedy?: string;
}

/** Looks at one thing; may throw, see {@link findings}. */
export type Check = (signal: AbortSignal) => Promise<readonly Finding[]>;

/** What a check finds; what it throws is a finding too. */
export async function findings(check: Check, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await check(signal);
  } catch (error) {
    if (error instanceof SetupError) return [{ level: 'fail', what: error.fault, remedy: error.remedy }];
    if (error instanceof StageError) {
      const { class: kind, advice } = factsOf(error.reason);
      const remedy = kind === 'transient' ? 'Try again; if it stays so, ask the service.' : advice;
      return [{ level: 'fail', what: `${error.reason}: ${error.message}`, remedy }];
    }
    throw error;
  }
}
