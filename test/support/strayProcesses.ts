import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Command lines of processes that still run with this folder as their TMPDIR, as every descendant of a test's process
 * does; waits up to five seconds for the last to go. Ours are not counted.
 */
export async function strayProcesses(tmpDir: string): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const strays = look(tmpDir);
    if (strays.length === 0 || tries === 50) return strays;
    await sleep(100);
  }
}

function look(tmpDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${tmpDir}`))
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
