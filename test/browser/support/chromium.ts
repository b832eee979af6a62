import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../support/cli.ts';

/** What starts the browser. */
export interface Chromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The browser that `CHROMIUM_PATH` names, else the one that @sparticuz/chromium carries: it needs nothing of the system,
 * and brings its fonts, so that text is as wide everywhere. It is unpacked once for each version, aside, so that
 * nobody sees half of it.
 */
export async function findChromium(): Promise<Chromium> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return { executablePath: given, env: {} };
  const about = await readFile(join(ROOT, 'node_modules', '@sparticuz', 'chromium', 'package.json'), 'utf8');
  const { version } = JSON.parse(about) as { version: string };
  const place = join(ROOT, '.cache', 'chromium');
  const folder = join(place, version);
  if (!existsSync(folder)) await unpack(place, folder);
  return { executablePath: join(folder, 'chromium'), env: { FONTCONFIG_PATH: join(folder, 'fonts') } };
}

async function unpack(place: string, folder: string): Promise<void> {
  await mkdir(place, { recursive: true });
  const aside = await mkdtemp(join(place, 'unpacking-'));
  // It unpacks into the system's temporary folder, wherever that is.
  await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', "await (await import('@sparticuz/chromium')).default.executablePath()"],
    { cwd: ROOT, env: { ...process.env, TMPDIR: aside } },
  );
  try {
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true });
    // Another test was quicker.
    if (!existsSync(folder)) throw error;
  }
}
