/** One line for whoever watches; stderr, so that stdout is the tables' alone. */
export function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
