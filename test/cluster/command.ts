import { describeExit, runChild } from '../../common/childProcess.ts';

export interface CommandOptions {
  readonly cwd?: string;
  /** On top of our own environment, which the tools need (PATH, HOME, Go's and Docker's settings). */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly niceness?: number;
  /** Sees each line of stdout and stderr as it is written. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a tool to its end and gives its stdout, without empty lines. Throws with the command, how it ended and the last
 * of its output when it fails.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { env, signal, onLine, ...rest } = options;
  const lines: string[] = [];
  const exit = await runChild({
    ...rest,
    ...(signal && { signal }),
    command,
    args,
    env: { ...process.env, ...env },
    onStdoutLine: (line) => {
      lines.push(line);
      onLine?.(line);
    },
    ...(onLine && { onStderrLine: onLine }),
  });
  if (exit.code === 0) return lines.join('\n');
  const said = (exit.stderrTail.trim() || exit.stdoutTail.trim()).slice(-3000);
  throw new Error(`${[command, ...args].join(' ').slice(0, 400)} ${describeExit(exit)}\n${said}`);
}
