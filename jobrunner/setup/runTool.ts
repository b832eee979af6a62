import { childEnvironment } from '../../common/childEnvironment.ts';
import { type ChildExit, type ChildOptions, describeExit, runChild } from '../../common/childProcess.ts';
import { SetupError } from './step.ts';

/** Settings of pip, of the model hub's client (mirrors, certificates, caches) and of Node's compile cache. */
const SETTINGS = /^(?:PIP|HF)_|^NODE_COMPILE_CACHE$/;
const TIMEOUT_MS = 20 * 60_000;

/**
 * Runs a program of the set-up to its end, in an environment without our secrets.
 * @param remedy what to do when it fails
 * @throws SetupError with the last line of its stderr, or the signal's reason
 */
export async function runTool(options: ChildOptions, remedy: string): Promise<ChildExit> {
  const exit = await runChild({ timeoutMs: TIMEOUT_MS, ...options, env: toolEnvironment(options.env) });
  options.signal?.throwIfAborted();
  if (exit.code === 0) return exit;
  const name = [options.command, ...options.args.slice(0, 3)].join(' ');
  throw new SetupError(`${name} ${describeExit(exit)}`, remedy);
}

/** What a tool may see of our environment. */
export function toolEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = Object.entries(env).filter(([name]) => SETTINGS.test(name));
  return { ...childEnvironment(env), ...Object.fromEntries(settings) };
}
