import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { CACHE } from '../paths.ts';
import { step } from '../progress.ts';
import { BUILD_ENV, buildFlags, folderOf, moduleKey, type GoModule } from './goModule.ts';

const BIN = join(CACHE, 'bin');

/**
 * Builds what is not built yet of a module's programs and gives the folder they lie in, under their names. From
 * nothing, Kubernetes' take seven minutes on two cores and Helm's two; afterwards a few milliseconds.
 */
export async function buildModule(module: GoModule, signal?: AbortSignal): Promise<string> {
  const key = await moduleKey(module);
  const bin = join(BIN, `${module.name}-${key}`);
  await mkdir(bin, { recursive: true });
  for (const [name, source] of Object.entries(module.packages)) {
    const file = join(bin, name);
    if (!(await exists(file))) await step(`building ${name}`, () => build(module, source, file, signal));
  }
  await removeOthers(module, bin);
  return bin;
}

async function build(
  module: GoModule,
  source: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const aside = `${file}.${process.pid}.part`;
  await run('go', ['build', ...(await buildFlags(module)), '-o', aside, source], {
    cwd: folderOf(module),
    env: BUILD_ENV,
    signal,
  });
  await rename(aside, file);
}

/** Half a gigabyte each: what was built for another key is not kept. */
async function removeOthers(module: GoModule, bin: string): Promise<void> {
  for (const name of await readdir(BIN)) {
    const other = join(BIN, name);
    if (name.startsWith(`${module.name}-`) && other !== bin) await rm(other, { recursive: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
