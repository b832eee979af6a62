import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once it is so; fails with what it waits for after 5 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(2);
  }
}
