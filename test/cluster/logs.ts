import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export function logOf(logs: string, name: string): string {
  return join(logs, `${name}.log`);
}

/** The last lines of a log, indented, under its path. */
export async function tail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const last = text.trimEnd().split('\n').slice(-15);
  return [`The last of ${logFile}:`, ...last.map((line) => `  ${line.slice(0, 400)}`)].join('\n');
}
