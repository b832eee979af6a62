import { join } from 'node:path';
import { fieldOf, readKernelFile } from './readFile.ts';
import type { MemorySource } from './source.ts';

/** Above this a limit means "none": cgroup v1 writes a number near 2^63 for it. */
const NO_LIMIT = 2 ** 53;

export interface CgroupPaths {
  /** `/proc/self/cgroup` */
  readonly membership: string;
  /** `/sys/fs/cgroup` */
  readonly mount: string;
}

/**
 * The memory controller of our own cgroup when it has a limit, as in a container; undefined otherwise, since a
 * cgroup without one is shared with whatever else the machine runs.
 */
export function cgroupSource(paths: CgroupPaths): MemorySource | undefined {
  return cgroupV2(paths) ?? cgroupV1(paths);
}

function cgroupV2({ membership, mount }: CgroupPaths): MemorySource | undefined {
  const own = /^0::(.*)$/m.exec(readKernelFile(membership))?.[1] ?? '/';
  // In a container with its own cgroup namespace the path is `/`; without one it is the host's, seen at the mount.
  for (const folder of [join(mount, own), mount]) {
    const limit = Number(readKernelFile(join(folder, 'memory.max')).trim() || 'max');
    if (!Number.isFinite(limit) || limit >= NO_LIMIT) continue;
    return {
      kind: 'cgroup-v2',
      limitBytes: limit,
      sample() {
        const text = readKernelFile(join(folder, 'memory.stat'));
        const unreclaimableBytes = fieldOf(text, 'anon') + fieldOf(text, 'shmem');
        return { residentBytes: unreclaimableBytes + fieldOf(text, 'file_mapped'), unreclaimableBytes };
      },
      oomKills: () => fieldOf(readKernelFile(join(folder, 'memory.events')), 'oom_kill'),
    };
  }
  return undefined;
}

function cgroupV1({ membership, mount }: CgroupPaths): MemorySource | undefined {
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(readKernelFile(membership))?.[1];
  if (own === undefined) return undefined;
  for (const folder of [join(mount, 'memory', own), join(mount, 'memory')]) {
    const limit = Number(readKernelFile(join(folder, 'memory.limit_in_bytes')).trim() || Number.NaN);
    if (!Number.isFinite(limit) || limit >= NO_LIMIT) continue;
    return {
      kind: 'cgroup-v1',
      limitBytes: limit,
      sample() {
        const text = readKernelFile(join(folder, 'memory.stat'));
        const unreclaimableBytes = fieldOf(text, 'total_rss') + fieldOf(text, 'total_shmem');
        return { residentBytes: unreclaimableBytes + fieldOf(text, 'total_mapped_file'), unreclaimableBytes };
      },
      oomKills: () => fieldOf(readKernelFile(join(folder, 'memory.oom_control')), 'oom_kill'),
    };
  }
  return undefined;
}
