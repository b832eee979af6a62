/** What is asked of a test: that it lets us tidy up when it is over. */
export interface TestEnd {
  after(work: () => unknown): void;
}

/**
 * node:test runs what is to be done after a test in the order in which it was said; here it is the other way around, so
 * that a page is closed before the server it came from. The first error is thrown when all is done.
 */
export function lastFirst(t: TestEnd): TestEnd {
  const works: (() => unknown)[] = [];
  t.after(async () => {
    const errors: unknown[] = [];
    for (const work of works.toReversed())
      try {
        await work();
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw errors[0];
  });
  return { after: (work) => void works.push(work) };
}
