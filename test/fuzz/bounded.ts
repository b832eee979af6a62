import assert from 'node:assert/strict';

/** Seconds of CPU that one input may cost, unless told: hundreds of times what it costs. Others' load does not count. */
const MOST_SECONDS = 2;

/** What `work` gives; throws where it took more CPU than it may. */
export function bounded<T>(work: () => T, seconds = MOST_SECONDS): T {
  const before = process.cpuUsage();
  const result = work();
  checkSpent(before, seconds);
  return result;
}

/** As {@link bounded}. */
export async function boundedAsync<T>(work: () => Promise<T>, seconds = MOST_SECONDS): Promise<T> {
  const before = process.cpuUsage();
  const result = await work();
  checkSpent(before, seconds);
  return result;
}

function checkSpent(before: NodeJS.CpuUsage, seconds: number): void {
  const { user, system } = process.cpuUsage(before);
  const spent = (user + system) / 1e6;
  assert.ok(spent <= seconds, `took ${spent.toFixed(1)} s of CPU, more than ${seconds} s`);
}
