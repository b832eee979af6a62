/** One part of the set-up. A step can be run again at any time: it replaces what it finds. */
export interface Step {
  /** What the user gets, e.g. `Python packages`. */
  readonly title: string;
  /** Whether what it makes is there, whole and up to date. Quick; called on every start. */
  isDone(): Promise<boolean>;
  /**
   * Makes it.
   * @returns what was made, in a few words.
   * @throws SetupError that names the remedy.
   */
  run(context: StepContext): Promise<string>;
}

export interface StepContext {
  /** Shows what goes on inside the step, where the terminal allows. */
  readonly say: (detail: string) => void;
  readonly signal: AbortSignal;
  /** An empty folder of this step's own on the disk of the cache, removed afterwards. */
  readonly work: string;
}

/** Something is missing that the user can mend; the message says what and how. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly fault: string;
  /** What to do, as an instruction. */
  readonly remedy: string;

  constructor(fault: string, remedy: string, options?: ErrorOptions) {
    super(`${fault}; ${remedy}`, options);
    this.fault = fault;
    this.remedy = remedy;
  }
}
