/**
 * Calls `work` for each item, at most `concurrency` at once, and yields the results in the items' order, each as soon as
 * it and those before it are there. At the first failure no further call begins; those under way are aborted through the
 * signal they were given and waited for, then the failure is thrown.
 */
export async function* mapInOrder<T, R>(
  items: readonly T[],
  { concurrency, signal }: { concurrency: number; signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R> {
  const stop = new AbortController();
  const ours = AbortSignal.any([signal, stop.signal]);
  const running: Promise<R>[] = [];
  let next = 0;
  const fill = (): void => {
    for (const item of items.slice(next, next + concurrency - running.length)) {
      const result = work(item, ours);
      // Looked at when its turn comes, which may be after it failed.
      result.catch(() => undefined);
      running.push(result);
      next++;
    }
  };
  try {
    for (fill(); running[0]; fill()) {
      const result = await running[0];
      void running.shift();
      yield result;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
}
