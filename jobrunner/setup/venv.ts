import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Places, venvFolder, venvPython } from './folders.ts';
import { runPip } from './pip.ts';
import { findPython } from './python.ts';
import { runTool } from './runTool.ts';
import { sha256OfFile } from './sha256.ts';
import { SetupError, type Step } from './step.ts';

/** Written last into the virtual environment: it is whole, and this is what it was made from. */
interface Stamp {
  /** A virtual environment cannot be moved: its scripts name this folder. */
  readonly folder: string;
  /** SHA-256 of requirements.txt. */
  readonly requirements: string;
  /** The folders that pip's records of installed packages lie in. */
  readonly sitePackages: string;
  readonly distributions: readonly string[];
}

const STAMP = 'loomvideo-setup.json';

/** The virtual environment with everything in requirements.txt, each file checked against its hash. */
export function venvStep(places: Places): Step {
  const folder = venvFolder(places);
  const python = venvPython(places);
  const requirements = join(places.root, 'requirements.txt');
  return {
    title: 'Python packages',
    async isDone() {
      const stamp = await readStamp(folder);
      return (
        stamp !== undefined &&
        stamp.folder === folder &&
        stamp.requirements === (await sha256OfFile(requirements)) &&
        (await isExecutable(python)) &&
        (await hasAll(stamp))
      );
    },
    async run({ say, signal }) {
      const { path, version } = await findPython(places.env, signal);
      await clear(folder, places);
      say(`making ${folder}`);
      await runTool(
        { command: path, args: ['-m', 'venv', folder], env: places.env, signal },
        'it makes virtual environments (Debian, Ubuntu: apt-get install python3-venv)',
      );
      await runPip(['install', '--no-deps', '-r', requirements], { python, env: places.env, say, signal });
      say('trying the packages');
      await runTool(
        {
          command: python,
          args: ['-c', 'import ctranslate2, faster_whisper, onnxruntime, tokenizers, yt_dlp'],
          env: places.env,
          signal,
        },
        'these packages need a 64-bit Linux with glibc 2.28 or newer, or macOS',
      );
      const sitePackages = join(folder, 'lib', `python${version}`, 'site-packages');
      const distributions = await distributionsIn(sitePackages);
      const stamp: Stamp = {
        folder,
        requirements: await sha256OfFile(requirements),
        sitePackages,
        distributions,
      };
      await writeFile(join(folder, STAMP), JSON.stringify(stamp));
      return `${distributions.length} in ${folder}, Python ${version}`;
    },
  };
}

/** Removes an old or half-made environment, and nothing that is something else. */
async function clear(folder: string, { root }: Places): Promise<void> {
  const names: string[] = await readdir(folder).catch(() => []);
  const ours = names.length === 0 || names.includes('pyvenv.cfg') || folder === resolve(root, '.venv');
  if (!ours)
    throw new SetupError(
      `${folder} is not a virtual environment`,
      'let LOOMVIDEO_VENV name a folder that is new or empty',
    );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

async function readStamp(folder: string): Promise<Stamp | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(join(folder, STAMP), 'utf8'));
    return isStamp(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isStamp(value: unknown): value is Stamp {
  if (typeof value !== 'object' || value === null) return false;
  if (!('sitePackages' in value && 'distributions' in value)) return false;
  return typeof value.sitePackages === 'string' && Array.isArray(value.distributions);
}

/** A package that somebody uninstalled leaves this list. */
async function hasAll({ sitePackages, distributions }: Stamp): Promise<boolean> {
  const present = new Set(await distributionsIn(sitePackages));
  return distributions.every((name) => present.has(name));
}

async function distributionsIn(sitePackages: string): Promise<string[]> {
  const names = await readdir(sitePackages).catch(() => []);
  return names.filter((name) => name.endsWith('.dist-info'));
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
