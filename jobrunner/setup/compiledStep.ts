import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, type Places } from './folders.ts';
import { runTool } from './runTool.ts';
import type { Step } from './step.ts';

/** Where the npm scripts have Node keep what it compiles (NODE_COMPILE_CACHE). */
const FOLDER = join('.cache', 'node');

/** The programs, each with the flag that changes what is compiled where its npm script has one. */
const PROGRAMS = [['jobrunner/main.ts'], ['--heap-growing-percent=25', 'controller/render.ts']];

/**
 * The programs' modules, compiled before they are first needed: a process that compiles them itself takes 35 MB more
 * (docs/decisions/0004). Node sees by itself when a module has changed since.
 */
export function compiledStep(places: Places): Step {
  const record = join(cacheFolder(places), 'compiled.txt');
  const what = `${process.version} ${PROGRAMS.flat().join(' ')}`;
  return {
    title: 'Compiled modules',
    async isDone() {
      // An image is set up before our code is in it, so that a change of the code makes the set-up not run again.
      if (!existsSync(join(places.root, 'jobrunner', 'main.ts'))) return true;
      return (await readFile(record, 'utf8').catch(() => '')) === what;
    },
    async run({ signal }) {
      const env = { ...places.env, NODE_COMPILE_CACHE: join(places.root, FOLDER) };
      for (const program of PROGRAMS) {
        const args = [...program, '--help'];
        const options = { command: process.execPath, args, cwd: places.root, env, signal };
        await runTool(options, 'run `npm run setup` again');
      }
      await writeFile(record, what);
      return `for Node ${process.version}`;
    },
  };
}
