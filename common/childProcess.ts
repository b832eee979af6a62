import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lineSplitter } from './lines.ts';
import { parentDeathPrefix } from './parentDeath.ts';
import { TextTail } from './textTail.ts';

/** What to run. The command never passes through a shell; `args` arrive in the child as they stand here. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment: secrets reach only the children that are given them. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Text for stdin, which is then closed. Without it and without `openStdin` the child has no stdin. */
  readonly input?: string;
  /** Leaves stdin open in `Child.stdin` for the caller to write. */
  readonly openStdin?: boolean;
  /** Ends the child's group when aborted: TERM, then KILL after the grace. See {@link killsAtOnce}. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the child's group is ended; the exit then says `timedOut`. */
  readonly timeoutMs?: number;
  /** Milliseconds between TERM and KILL; 2,000 unless told. */
  readonly graceMs?: number;
  /** Called for each line of stdout. Without it and without `rawStdout`, stdout is only kept as a tail. */
  readonly onStdoutLine?: (line: string) => void;
  readonly onStderrLine?: (line: string) => void;
  /** Leaves stdout as a byte stream in `Child.stdout` for the caller to read (back-pressure reaches the child). */
  readonly rawStdout?: boolean;
  /** Characters of each output kept for error messages; 4,096 unless told. */
  readonly tailChars?: number;
  /** Scheduling priority, 0 (as ours) to 19 (last); 0 unless told. */
  readonly niceness?: number;
}

/** How a child ended. Exactly one of `code`, `signal` and `startError` is set. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The child could not be started (no such program, no permission). */
  readonly startError: Error | undefined;
  readonly timedOut: boolean;
  /** The signal ended it; `signal.reason` says why. */
  readonly aborted: boolean;
  readonly stdoutTail: string;
  readonly stderrTail: string;
}

/** A running child, leader of its own process group. */
export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | undefined;
  /** Only with `rawStdout`. */
  readonly stdout: Readable | undefined;
  /** Resolves, never rejects, when the child and its whole group are gone and its output was read. */
  readonly exited: Promise<ChildExit>;
  /** TERM to the group, KILL after the grace; resolves with the exit. */
  stop(): Promise<ChildExit>;
}

/** A reason to abort for which no grace is given (memory: each moment may be the kernel's). */
export interface KillsAtOnce {
  readonly killsAtOnce: true;
}

/** Groups alive now: at our exit none may stay behind. */
const liveGroups = new Set<number>();
process.on('exit', () => {
  for (const group of liveGroups) signalGroup(group, 'SIGKILL');
});

/**
 * Starts a child process: the one place of the product that does. The child leads a group of its own, which is
 * ended as a whole on abort, timeout, `stop()`, our own exit and, where `setpriv` exists, our sudden death;
 * what the leader leaves behind in its group is killed when it ends.
 */
export function startChild(options: ChildOptions): Child {
  const { signal, graceMs = 2000, tailChars = 4096 } = options;
  const [program = options.command, ...words] = [...parentDeathPrefix(), options.command, ...options.args];
  const stdoutTail = new TextTail(tailChars);
  const stderrTail = new TextTail(tailChars);
  let startError: Error | undefined;
  let timedOut = false;
  let aborted = false;

  const child = spawn(program, words, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [options.openStdin || options.input !== undefined ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  const group = child.pid;
  if (group !== undefined) {
    liveGroups.add(group);
    if (options.niceness) lowerPriority(group, options.niceness);
  }

  const finished = Promise.withResolvers<ChildExit>();
  const stopping = new AbortController();
  const end = async (force: boolean): Promise<void> => {
    if (group === undefined || stopping.signal.aborted) return;
    if (!force) {
      signalGroup(group, 'SIGTERM');
      await sleep(graceMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    if (!stopping.signal.aborted) signalGroup(group, 'SIGKILL');
  };
  const onAbort = (): void => {
    aborted = true;
    void end(killsAtOnce(signal?.reason));
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void end(false);
        }, options.timeoutMs);

  if (child.stdin) {
    // A child that ends without reading its input is judged by its exit, not by our broken pipe.
    child.stdin.on('error', () => undefined);
    if (!options.openStdin) child.stdin.end(options.input);
  }
  if (stdout && !options.rawStdout) readText(stdout, stdoutTail, options.onStdoutLine);
  if (stderr) readText(stderr, stderrTail, options.onStderrLine);

  child.once('error', (error) => {
    startError ??= error;
    if (group === undefined) settle(null, null);
  });
  child.once('exit', () => {
    // Whatever the leader started and left (yt-dlp's ffmpeg, say) would otherwise run on as an orphan.
    if (group !== undefined) signalGroup(group, 'SIGKILL');
    // A straggler that left the group may hold our pipes open for ever: do not wait for it.
    setTimeout(() => {
      stderr?.destroy();
      if (!options.rawStdout) stdout?.destroy();
    }, 1000).unref();
  });
  child.once('close', (code, sig) => settle(code, sig));

  function settle(code: number | null, sig: NodeJS.Signals | null): void {
    clearTimeout(timer);
    stopping.abort();
    signal?.removeEventListener('abort', onAbort);
    if (group !== undefined) liveGroups.delete(group);
    finished.resolve({
      code: sig === null ? code : null,
      signal: sig,
      startError,
      timedOut,
      aborted,
      stdoutTail: stdoutTail.text,
      stderrTail: stderrTail.text,
    });
  }

  return {
    pid: group,
    stdin: options.openStdin ? (child.stdin ?? undefined) : undefined,
    stdout: options.rawStdout ? (stdout ?? undefined) : undefined,
    exited: finished.promise,
    stop() {
      void end(false);
      return finished.promise;
    },
  };
}

/** Starts a child and waits for its end. See {@link startChild}. */
export function runChild(options: ChildOptions): Promise<ChildExit> {
  return startChild(options).exited;
}

/** One line that says how a child ended, for an error message: exit code or signal, and the last of its stderr. */
export function describeExit(exit: ChildExit): string {
  if (exit.startError) return `could not be started: ${exit.startError.message}`;
  const how = exit.timedOut
    ? 'timed out'
    : exit.signal
      ? `was ended by ${exit.signal}`
      : `exited with code ${exit.code}`;
  const last = exit.stderrTail.trim().split('\n').at(-1)?.trim();
  return last ? `${how}: ${last}` : how;
}

function killsAtOnce(reason: unknown): boolean {
  return (
    typeof reason === 'object' && reason !== null && (reason as Partial<KillsAtOnce>).killsAtOnce === true
  );
}

function readText(stream: Readable, tail: TextTail, onLine?: (line: string) => void): void {
  stream.setEncoding('utf8');
  const lines = onLine && lineSplitter(onLine);
  stream.on('data', (chunk: string) => {
    tail.push(chunk);
    lines?.push(chunk);
  });
  stream.on('end', () => lines?.end());
  stream.on('error', () => undefined);
}

function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // ESRCH: the group is gone, which is what we want
  }
}

/**
 * Of the child and of what it starts later. Against the rest of its container, that is: outside containers Linux may weigh
 * sessions against each other, and the child leads one (sched(7), autogroup). The session's own priority stays, since a
 * lower one would hand the child's share to whatever else the machine runs.
 */
function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // the child may be gone already; its priority no longer matters
  }
}
