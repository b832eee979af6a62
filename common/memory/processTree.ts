import { readdirSync } from 'node:fs';
import { fieldOf, readKernelFile } from './readFile.ts';
import type { MemorySample, MemorySource } from './source.ts';

/**
 * The memory of this process and all its descendants, where no cgroup bounds them: the sum of their proportional
 * set sizes (PSS), in which pages shared by several processes count once.
 */
export function processTreeSource(root: number): MemorySource {
  return {
    kind: 'process-tree',
    limitBytes: undefined,
    sample() {
      let workingSetBytes = 0;
      let unreclaimableBytes = 0;
      for (const pid of processTree(root)) {
        const sample = proportional(pid);
        workingSetBytes += sample.workingSetBytes;
        unreclaimableBytes += sample.unreclaimableBytes;
      }
      return { workingSetBytes, unreclaimableBytes };
    },
    oomKills: () => 0,
  };
}

/** Pids of `root` and its descendants. Processes that end meanwhile are left out. */
export function processTree(root: number): number[] {
  // Not every kernel offers /proc/<pid>/task/<tid>/children; the parent in each /proc/<pid>/stat is always there.
  const childrenOf = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(readKernelFile(`/proc/${pid}/stat`));
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(pid);
    else childrenOf.set(parent, [pid]);
  }
  const found = [root];
  for (const pid of found) found.push(...(childrenOf.get(pid) ?? []));
  return found;
}

/** The parent in a stat line `pid (name) state ppid …`; the name may hold anything, parentheses and spaces too. */
function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2] ?? -1);
}

function proportional(pid: number): MemorySample {
  const rollup = readKernelFile(`/proc/${pid}/smaps_rollup`);
  return {
    workingSetBytes: fieldOf(rollup, 'Pss') * 1024,
    unreclaimableBytes: (fieldOf(rollup, 'Pss_Anon') + fieldOf(rollup, 'Pss_Shmem')) * 1024,
  };
}
