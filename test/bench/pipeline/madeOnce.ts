import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Written into a folder that is whole: what it was made from. */
const STAMP = 'made-from.txt';

/**
 * Makes a folder unless it is there and was made from the same. `make` gets two empty folders on its disk: one that takes
 * the place when all went well, one to work in.
 */
export async function madeOnce(
  folder: string,
  from: string,
  make: (made: string, work: string) => Promise<void>,
): Promise<void> {
  if ((await readFile(join(folder, STAMP), 'utf8').catch(() => undefined)) === from) return;
  const [made, work] = [`${folder}.made`, `${folder}.work`];
  const clear = () => Promise.all([made, work].map((each) => rm(each, { recursive: true, force: true })));
  await clear();
  try {
    for (const each of [made, work]) await mkdir(each, { recursive: true });
    await make(made, work);
    await writeFile(join(made, STAMP), from);
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } finally {
    await clear();
  }
}
