import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

let found: string | undefined | null = null;

/**
 * Words to put before a command so that the kernel kills it when this process dies, even of SIGKILL:
 * `setpriv --pdeathsig KILL --` where util-linux has it, nothing elsewhere. `setpriv` replaces itself with the
 * command, so pid and process group stay the child's own.
 */
export function parentDeathPrefix(): string[] {
  if (found === null) found = process.platform === 'linux' ? findOnPath('setpriv') : undefined;
  return found === undefined ? [] : [found, '--pdeathsig', 'KILL', '--'];
}

function findOnPath(name: string): string | undefined {
  // The entry's PATH is the one place to look a system tool up in; it decides nothing about the product.
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not here: look on
    }
  }
  return undefined;
}
