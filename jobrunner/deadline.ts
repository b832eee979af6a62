import { parseDuration } from '../common/quantity.ts';
import { StageError } from './contract/stageError.ts';

/** A timer set for longer would end at once (2³¹ − 1, Node's setTimeout): some three weeks. */
const LONGEST_TIMER_MS = 2_147_483_647;

export interface Deadline extends Disposable {
  /** Aborted when the time is up; its reason is `DeadlineExceeded`. */
  readonly signal: AbortSignal;
}

/** The time one attempt has (spec.timeout), from now on; of which so many milliseconds were spent before. */
export function startDeadline(timeout: string, spentMs = 0): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new StageError('DeadlineExceeded', `Not done within ${timeout} (spec.timeout).`)),
    Math.min(Math.max(0, parseDuration(timeout) * 1000 - spentMs), LONGEST_TIMER_MS),
  );
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
