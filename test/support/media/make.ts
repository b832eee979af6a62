import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../../../.cache/test-media');

/**
 * Makes a file (or, with a name without an ending, a folder) once and keeps it under `.cache/test-media`. `recipe`
 * is part of the name, so a changed recipe makes a new one; test processes that make the same at once do not
 * disturb each other.
 */
export async function makeOnce(
  name: string,
  recipe: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 10);
  const path = join(CACHE, `${digest}-${name}`);
  if (await exists(path)) return path;
  await mkdir(CACHE, { recursive: true });
  const aside = join(CACHE, `.${process.pid}-${digest}-${name}`);
  try {
    await make(aside);
    await rename(aside, path);
  } catch (error) {
    // Another process may have been first with a folder, which rename does not replace.
    if (!(await exists(path))) throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return path;
}

/** Runs ffmpeg to the end; its last words are the error's message. */
export async function ffmpeg(binary: string, args: readonly string[]): Promise<void> {
  const child = spawn(binary, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-2000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`ffmpeg ${args.join(' ')} exited with ${code}: ${words}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
