/** Makes a world of its own for `work`, and takes it down after. */
export async function inWorld<W>(
  make: (t: { after(work: () => unknown): void }) => W | Promise<W>,
  work: (world: W) => Promise<void>,
): Promise<void> {
  const after: (() => unknown)[] = [];
  try {
    await work(await make({ after: (one) => void after.push(one) }));
  } finally {
    for (const one of after.toReversed()) await one();
  }
}
