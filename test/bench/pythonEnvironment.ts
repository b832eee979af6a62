import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runPip } from '../../jobrunner/setup/pip.ts';
import { findPython } from '../../jobrunner/setup/python.ts';
import { runTool } from '../../jobrunner/setup/runTool.ts';
import { sha256OfFile } from '../../jobrunner/setup/sha256.ts';
import { say } from './progress.ts';

/**
 * Makes a virtual environment with what a requirements.txt pins by hash, unless it is there and made from the same file.
 * Throws SetupError.
 */
export async function pythonEnvironment(folder: string, requirements: string): Promise<void> {
  // Written last: it is whole, and this is what it was made from.
  const stamp = join(folder, 'requirements.sha256');
  const wanted = await sha256OfFile(requirements);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  say(`installing Python packages into ${folder}`);
  const { env } = process;
  const { signal } = new AbortController();
  const { path } = await findPython(env, signal);
  await rm(folder, { recursive: true, force: true });
  await runTool(
    { command: path, args: ['-m', 'venv', folder], env, signal },
    'it makes virtual environments (Debian, Ubuntu: apt-get install python3-venv)',
  );
  const python = join(folder, 'bin', 'python');
  await runPip(['install', '--no-deps', '-r', requirements], { python, env, signal, say: () => undefined });
  await writeFile(stamp, wanted);
}
