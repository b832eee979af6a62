import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MOUNT = '/sys/fs/cgroup';

/**
 * Makes the control group below which kubelet puts its pods, in each hierarchy of cgroup v1 or in the one of v2, and
 * gives its name. A namespace would not do: the memory limits of pods are counted by the host's kernel.
 */
export async function makeCgroup(slot: number): Promise<string> {
  const name = `loomvideo-cluster-${slot}`;
  await removeCgroup(slot);
  for (const root of await hierarchies()) {
    if (isV2(root)) {
      const controllers = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(' ');
      await writeFile(join(root, 'cgroup.subtree_control'), controllers.map((one) => `+${one}`).join(' '));
    }
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    // An empty cpuset admits no process; v1 does not inherit.
    const inV1 = !isV2(root) && existsSync(join(folder, 'cpuset.cpus'));
    for (const file of inV1 ? ['cpuset.cpus', 'cpuset.mems'] : []) {
      await writeFile(join(folder, file), await readFile(join(root, file), 'utf8'));
    }
  }
  return `/${name}`;
}

/** Removes what a cluster left: empty groups, since their processes are gone. */
export async function removeCgroup(slot: number): Promise<void> {
  // runc also makes it in the v2 tree that a v1 machine may have beside its hierarchies.
  for (const root of [MOUNT, ...(await foldersIn(MOUNT))]) {
    await removeTree(join(root, `loomvideo-cluster-${slot}`));
  }
}

async function hierarchies(): Promise<string[]> {
  return isV2(MOUNT) ? [MOUNT] : (await foldersIn(MOUNT)).filter((folder) => !isV2(folder));
}

async function removeTree(group: string): Promise<void> {
  for (const below of await foldersIn(group)) await removeTree(below);
  // ENOENT: there was none. EBUSY: the kernel has not yet let go; the next cluster in this slot tries again.
  await rmdir(group).catch(() => undefined);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

function isV2(root: string): boolean {
  return existsSync(join(root, 'cgroup.controllers'));
}
