import { describeExit, type ChildExit } from '../common/childProcess.ts';

/**
 * Why a program could not be started, or undefined when it was. Where `setpriv` starts it (see
 * common/parentDeath.ts), a program that is missing or broken shows as setpriv's exit code 126 or 127.
 */
export function startFailure(exit: ChildExit): string | undefined {
  const missing = exit.startError !== undefined || exit.code === 127 || exit.code === 126;
  return missing ? describeExit(exit) : undefined;
}
