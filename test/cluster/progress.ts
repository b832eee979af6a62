/** Says on stderr that a step begins and, when it has ended well, how many seconds it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} …`);
  const start = performance.now();
  const result = await work();
  say(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** One line for whoever watches; stderr, so that stdout stays the test reporter's. */
export function say(line: string): void {
  process.stderr.write(`cluster: ${line}\n`);
}
