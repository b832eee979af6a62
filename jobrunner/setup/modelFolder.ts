import { readdir, readFile, rename, rm, stat, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MANIFEST, type ModelFile, type ModelManifest, readManifest } from './manifest.ts';
import { sha256OfFile } from './sha256.ts';

/** Size and time of each file when its checksum was last found right, so that it need not be read again. */
type Verified = Readonly<Record<string, string>>;

const VERIFIED = 'verified.json';

/**
 * Whether a model folder holds every file its manifest names, unchanged. Files that look untouched since they were
 * verified are not read; others (restored, copied, damaged) are checked by SHA-256.
 */
export async function isIntact(folder: string, { files }: ModelManifest): Promise<boolean> {
  const looks = await looksOf(folder, Object.keys(files));
  if (looks === undefined) return false;
  const verified = await readVerified(folder);
  if (JSON.stringify(looks) === JSON.stringify(verified)) return true;
  for (const [name, { sha256 }] of Object.entries(files))
    if ((await sha256OfFile(join(folder, name))) !== sha256) return false;
  // A cache that cannot be written is as good; it is only read again next time.
  await writeFile(join(folder, VERIFIED), JSON.stringify(looks)).catch(() => undefined);
  return true;
}

/**
 * Puts a finished model in its place: adds the manifest to `made` and moves it to `folder`, whose old content goes.
 * Killed at any moment, it leaves the old model, the new one or none: never a half of one.
 */
export async function publish(
  made: string,
  folder: string,
  manifest: Omit<ModelManifest, 'files'>,
): Promise<void> {
  const files: Record<string, ModelFile> = {};
  for (const name of (await readdir(made)).sort()) {
    const path = join(made, name);
    files[name] = { sha256: await sha256OfFile(path), size: (await stat(path)).size };
  }
  await writeFile(join(made, MANIFEST), `${JSON.stringify({ ...manifest, files }, null, 2)}\n`);
  await writeFile(join(made, VERIFIED), JSON.stringify(await looksOf(made, Object.keys(files))));
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rename(made, folder);
}

/** The folder's manifest if it satisfies `accepts` and the files are as it says. */
export async function intactManifest(
  folder: string,
  accepts: (manifest: ModelManifest) => boolean,
): Promise<ModelManifest | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined || !accepts(manifest)) return undefined;
  return (await isIntact(folder, manifest)) ? manifest : undefined;
}

async function looksOf(folder: string, names: readonly string[]): Promise<Verified | undefined> {
  try {
    const looks: Record<string, string> = {};
    for (const name of names) {
      const { size, mtimeMs } = await stat(join(folder, name));
      looks[name] = `${size} ${mtimeMs}`;
    }
    return looks;
  } catch {
    return undefined;
  }
}

async function readVerified(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, VERIFIED), 'utf8'));
  } catch {
    return undefined;
  }
}
