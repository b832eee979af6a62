import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, type Child, type ChildExit } from '../../common/childProcess.ts';
import type { ProcessResult } from '../../jobrunner/result.ts';
import { nodeFlags } from './nodeFlags.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'jobrunner', 'main.ts');

/** A place of its own for one test's data and working folders, removed afterwards. */
export interface Sandbox {
  /** TMPDIR of what runs in it: see strayProcesses. */
  readonly root: string;
  readonly dataDir: string;
  readonly workDir: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function sandbox(t: { after(work: () => unknown): void }): Promise<Sandbox> {
  const root = await mkdtemp(join(tmpdir(), 'loomvideo-test-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const dataDir = join(root, 'data');
  const workDir = join(root, 'work');
  const env = { TMPDIR: root, LOOMVIDEO_DATA_DIR: dataDir, LOOMVIDEO_WORK_DIR: workDir };
  return { root, dataDir, workDir, env };
}

export interface Finished {
  readonly exit: ChildExit;
  readonly stdout: string;
  /** Lines of stderr. */
  readonly log: readonly string[];
}

export interface Running {
  readonly child: Child;
  readonly finished: Promise<Finished>;
  /** Resolves when a line of stderr matches; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>;
}

/** As the npm scripts set it: modules that an earlier start has compiled take less time and memory. */
const COMPILE_CACHE = join(ROOT, '.cache', 'node');

/** Starts `node jobrunner/main.ts <args>` as a user would, with only the given environment on top of PATH and HOME. */
export function startMain(args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const log: string[] = [];
  const stdout: string[] = [];
  const waiting = new Set<() => void>();
  const child = startChild({
    command: process.execPath,
    args: [...nodeFlags('process'), MAIN, ...args],
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    onStdoutLine: (line) => stdout.push(line),
    onStderrLine: (line) => {
      log.push(line);
      for (const look of waiting) look();
    },
    graceMs: 20_000,
  });
  const finished = child.exited.then((exit) => ({ exit, stdout: stdout.join('\n'), log }));
  return {
    child,
    finished,
    line(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = log.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void finished.then(() => reject(new Error(`no line matches ${pattern}:\n${log.join('\n')}`)));
      });
    },
  };
}

/** Runs `process <target> --json` to its end. */
export async function processJson(
  target: string,
  env: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<{ code: number | null; result: ProcessResult; messages: string[]; log: readonly string[] }> {
  const { exit, stdout, log } = await startMain(['process', target, '--json', ...options], env).finished;
  return { code: exit.code, result: parseResult(stdout, log), messages: messagesOf(log), log };
}

function parseResult(stdout: string, log: readonly string[]): ProcessResult {
  try {
    return JSON.parse(stdout) as ProcessResult;
  } catch (error) {
    throw new Error(`stdout is not one JSON object: ${stdout.slice(0, 500)}\n${log.join('\n')}`, {
      cause: error,
    });
  }
}

/** The `msg` of each pino line. */
export function messagesOf(log: readonly string[]): string[] {
  return log.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

/** What stands in the working folders, as paths below `workDir`; locks are not counted. */
export async function workFiles(workDir: string): Promise<string[]> {
  const names = await readdir(workDir, { recursive: true }).catch(() => []);
  return names.filter((name) => !name.startsWith('.locks')).toSorted();
}
