import { factsOf, type FailureClass, type Reason } from './reasons.ts';

/** Exit codes of a stage, fixed: users' scripts and the Job's podFailurePolicy rely on them. */
export const EXIT = {
  done: 0,
  permanent: 10,
  transient: 20,
  memory: 30,
  configuration: 40,
} as const satisfies Record<FailureClass | 'done', number>;

export function exitCodeOf(reason: Reason): number {
  return EXIT[factsOf(reason).class];
}

/** Only time heals these without a change of input or settings: the controller, and nobody else, tries again. */
export function isRetryable(reason: Reason): boolean {
  return factsOf(reason).class === 'transient';
}
