import { childEnvironment } from '../../common/childEnvironment.ts';
import { describeExit, runChild } from '../../common/childProcess.ts';
import { SetupError } from './step.ts';

/** A Python that can make virtual environments. */
export interface Python {
  readonly path: string;
  /** E.g. `3.11`. */
  readonly version: string;
}

/** yt-dlp 2026.10.26 asks for 3.11. */
const OLDEST_MINOR = 11;
const CANDIDATES = ['python3.13', 'python3.12', 'python3.11', 'python3'];
const REMEDY =
  'install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv), ' +
  'or name one: PYTHON=/path/to/python3 npm run setup';

/** `sys.executable` looks through version managers, whose entry may later mean another version. */
const QUESTION = 'import sys, venv, ensurepip; print(*sys.version_info[:2], sys.executable)';

/**
 * Finds a Python of 3.11 or newer: the one `PYTHON` names, or else the first of the usual commands that works.
 * @throws SetupError that says what is wrong with each one that was found.
 */
export async function findPython(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Python> {
  const candidates = env.PYTHON ? [env.PYTHON] : CANDIDATES;
  const faults: string[] = [];
  for (const command of candidates) {
    const answer = await ask(command, env, signal);
    if (typeof answer !== 'string') return answer;
    faults.push(`${command} ${answer}`);
  }
  const named = env.PYTHON ? 'PYTHON names one that cannot be used' : 'no usable Python was found';
  throw new SetupError(`${named}: ${faults.join('; ')}`, REMEDY);
}

async function ask(command: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Python | string> {
  const exit = await runChild({
    command,
    args: ['-c', QUESTION],
    // Version managers are steered by variables of their own.
    env: { ...childEnvironment(env), ...(env.PYENV_VERSION && { PYENV_VERSION: env.PYENV_VERSION }) },
    signal,
    timeoutMs: 20_000,
  });
  signal.throwIfAborted();
  // 127 is what a shell, setpriv and the shims of version managers say for a command that is not there.
  if (exit.code === 127 || exit.startError) return 'was not found';
  if (exit.code !== 0) return describeExit(exit);
  const [major = '', minor = '', ...path] = exit.stdoutTail.trim().split(' ');
  if (major !== '3' || Number(minor) < OLDEST_MINOR) return `is Python ${major}.${minor}, too old`;
  return { path: path.join(' '), version: `${major}.${minor}` };
}
