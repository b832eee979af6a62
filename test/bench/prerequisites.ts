import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython } from '../../jobrunner/setup/python.ts';
import { embedderFolder, venvPython, whisperFolder } from '../../jobrunner/setup/folders.ts';
import { SetupError } from '../../jobrunner/setup/step.ts';
import { KUBERNETES_MODULE, moduleKey } from '../cluster/build/goModule.ts';
import { run } from '../cluster/command.ts';
import { CACHE } from '../cluster/paths.ts';
import { ROOT } from '../support/cli.ts';
import { GO_PEER } from './controller/peers.ts';
import type { PartId } from './report/results.ts';

/** What of the cluster tier's programs the controller part runs. */
const PROGRAMS = ['etcd', 'kube-apiserver'];

/** What is missing to measure these parts, each with what brings it; nothing when all is there. */
export async function missingToMeasure(parts: readonly PartId[]): Promise<string[]> {
  const missing = await missingToPrepare(parts);
  const programs = parts.includes('controller') ? await missingPrograms() : undefined;
  return programs === undefined ? missing : [...missing, programs];
}

/** What is missing to prepare them: what they build and install needs it. */
export async function missingToPrepare(parts: readonly PartId[]): Promise<string[]> {
  const missing = [await missingSetup()];
  if (parts.includes('pipeline') || parts.includes('controller')) missing.push(await missingPython());
  if (parts.includes('controller')) missing.push(await missingGo(), await missingNamespaces());
  return missing.filter((one) => one !== undefined);
}

async function missingSetup(): Promise<string | undefined> {
  const places = { env: process.env, root: ROOT };
  const files = [
    venvPython(places),
    ...[whisperFolder(places), embedderFolder(places)].map((folder) => join(folder, 'manifest.json')),
  ];
  return (await allThere(files)) ? undefined : 'the Python packages and models (run: npm run setup)';
}

async function missingPython(): Promise<string | undefined> {
  try {
    await findPython(process.env, new AbortController().signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return `a Python that makes virtual environments for the programs we compare with: ${error.fault} (${error.remedy})`;
  }
}

async function missingGo(): Promise<string | undefined> {
  try {
    await run('go', ['list', '-m'], { cwd: GO_PEER });
    return undefined;
  } catch (error) {
    const said = (error as Error).message.trim().split('\n').at(-1);
    return `Go 1.26 or newer, from https://go.dev/dl. Go says: ${said}`;
  }
}

/** The operator is started where it finds a service account as in a pod: see asInPod. */
async function missingNamespaces(): Promise<string | undefined> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  try {
    await run('unshare', ['--mount', ...asRoot, 'true']);
    return undefined;
  } catch {
    return 'Linux and its mount namespaces (Debian, Ubuntu: apt-get install util-linux; as root where users may not make them)';
  }
}

async function missingPrograms(): Promise<string | undefined> {
  const key = await moduleKey(KUBERNETES_MODULE).catch(() => undefined);
  // Without Go nothing has a key, and Go is missed already.
  if (key === undefined) return undefined;
  // Where buildModule lays them.
  const folder = join(CACHE, 'bin', `${KUBERNETES_MODULE.name}-${key}`);
  const built = await allThere(PROGRAMS.map((name) => join(folder, name)));
  return built ? undefined : `${PROGRAMS.join(' and ')}, built (run: npm run bench -- --prepare)`;
}

async function allThere(files: readonly string[]): Promise<boolean> {
  const found = await Promise.allSettled(files.map((file) => access(file)));
  return found.every(({ status }) => status === 'fulfilled');
}
