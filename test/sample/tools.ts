import { describeExit, runChild } from '../../common/childProcess.ts';

/** Packages that bring the tools on Debian. */
const DEBIAN_PACKAGE: Readonly<Record<string, string>> = { flite: 'flite', 'espeak-ng': 'espeak-ng' };

/**
 * Runs one of the tools that make the recordings, to its end.
 * @throws Error with the end of its output, or with the command that installs it.
 */
export async function run(command: string, args: readonly string[]): Promise<void> {
  const exit = await runChild({ command, args, env: process.env });
  if (exit.code === 0) return;
  const debianPackage = DEBIAN_PACKAGE[command];
  const remedy = debianPackage ? ` (to install it: apt-get install ${debianPackage})` : '';
  throw new Error(`${command} ${describeExit(exit)}${remedy}`);
}
