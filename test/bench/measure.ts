import { startChild, type ChildOptions } from '../../common/childProcess.ts';
import { processTree } from '../../common/memory/processTree.ts';
import { fieldOf, readKernelFile } from '../../common/memory/readFile.ts';
import { MB } from '../../common/memory/source.ts';

/** How often memory is looked at; milliseconds. */
const INTERVAL_MS = 100;
const TIMEOUT_MS = 10 * 60_000;

/**
 * A shell that runs its arguments and then says on stdout what they took: `times` writes two lines, its own times and those
 * of its children, which hold what these in turn waited for (POSIX, Shell Command Language).
 */
const TIMED = '"$@"; code=$?; echo; times; exit "$code"';

export interface Measured {
  /** Wall time. */
  readonly seconds: number;
  /** User and system time of the whole tree. */
  readonly cpuSeconds: number;
  /** Largest sum of PSS over the process tree; MB of 1024². */
  readonly peakMb: number;
  /** Without empty lines. */
  readonly stdout: string;
}

/** Runs a command to its end and measures it from outside. Throws when it fails or takes more than ten minutes. */
export async function measure({
  command,
  args,
  ...options
}: Pick<ChildOptions, 'command' | 'args' | 'env' | 'cwd'>): Promise<Measured> {
  const lines: string[] = [];
  const started = performance.now();
  const shell = startChild({
    ...options,
    command: '/bin/sh',
    args: ['-c', TIMED, 'measure', command, ...args],
    timeoutMs: TIMEOUT_MS,
    onStdoutLine: (line) => lines.push(line),
  });
  let peakBytes = 0;
  const timer = setInterval(() => {
    // The shell itself does not count.
    const [, ...pids] = processTree(shell.pid ?? 0);
    peakBytes = Math.max(
      peakBytes,
      pids.reduce((sum, pid) => sum + proportionalSetSize(pid), 0),
    );
  }, INTERVAL_MS);
  const exit = await shell.exited;
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  if (exit.code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${exit.stderrTail}`);
  const cpuSeconds = secondsOf(lines.at(-1) ?? '');
  return { seconds, cpuSeconds, peakMb: peakBytes / MB, stdout: lines.slice(0, -2).join('\n') };
}

/** What a process has in memory, pages that it shares with others by its part; bytes. 0 when it has ended. */
const proportionalSetSize = (pid: number): number =>
  1024 * fieldOf(readKernelFile(`/proc/${pid}/smaps_rollup`), 'Pss');

/** Of a line of `times`: user and system time as `0m12.340000s`, in some shells with a comma. */
function secondsOf(line: string): number {
  const times = [...line.matchAll(/(\d+)m([\d.,]+)s/g)];
  if (times.length !== 2) throw new Error(`the shell did not say what its children took but: ${line}`);
  return times.reduce(
    (sum, [, minutes = '', rest = '']) => sum + 60 * Number(minutes) + Number(rest.replace(',', '.')),
    0,
  );
}
