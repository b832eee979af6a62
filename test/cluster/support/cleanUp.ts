/** Work to be done after a suite, the latest first: what was made last may need what was made before it. */
export class CleanUp {
  readonly #work: (() => unknown)[] = [];

  after(work: () => unknown): void {
    this.#work.push(work);
  }

  /** Does all of it, whatever fails of it, and then throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const work of this.#work.splice(0).toReversed())
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }
}
