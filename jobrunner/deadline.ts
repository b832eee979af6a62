import { parseDuration } from '../common/quantity.ts';
import { StageError } from './contract/stageError.ts';

export interface Deadline extends Disposable {
  /** Aborted when the time is up; its reason is `DeadlineExceeded`. */
  readonly signal: AbortSignal;
}

/** The time one attempt has (spec.timeout), from now on. */
export function startDeadline(timeout: string): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new StageError('DeadlineExceeded', `Not done within ${timeout} (spec.timeout).`)),
    parseDuration(timeout) * 1000,
  );
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
