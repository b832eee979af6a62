import { readdirSync, readlinkSync } from 'node:fs';
import { FileShares } from './fileShares.ts';
import { fieldOf, readKernelFile } from './readFile.ts';
import type { MemorySource } from './source.ts';

/** Looks after which parents are read again: a number may have passed to another process. */
const PARENTS_KEPT = 8;

/**
 * The memory of this process and all its descendants, where no cgroup bounds them: the sum of their anonymous pages and of
 * their share in the files they map, in which what several map counts once.
 */
export function processTreeSource(root: number): MemorySource {
  const shares = new FileShares();
  const parents = new Map<number, number>();
  let seen: ReadonlySet<number> = new Set();
  let looks = 0;
  return {
    kind: 'process-tree',
    limitBytes: undefined,
    sample() {
      if (++looks % PARENTS_KEPT === 0) parents.clear();
      const pids = processTree(root, parents);
      let residentBytes = 0;
      let unreclaimableBytes = 0;
      for (const pid of pids) {
        if (pid !== root && !seen.has(pid) && isFork(pid, parents.get(pid))) continue;
        const status = readKernelFile(`/proc/${pid}/status`);
        const [anonymous, shared] = [bytesOf(status, 'RssAnon'), bytesOf(status, 'RssShmem')];
        residentBytes += anonymous + (bytesOf(status, 'RssFile') + shared) * shares.of(pid);
        unreclaimableBytes += anonymous + shared;
      }
      shares.keep(pids);
      seen = new Set(pids);
      return { residentBytes, unreclaimableBytes };
    },
    oomKills: () => 0,
  };
}

/**
 * Pids of `root` and its descendants. Processes that end meanwhile are left out. `parents`: of whom they are known; those
 * that are found are added.
 */
export function processTree(root: number, parents = new Map<number, number>()): number[] {
  // Not every kernel offers /proc/<pid>/task/<tid>/children; the parent in each /proc/<pid>/stat is always there.
  const childrenOf = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = parents.get(pid) ?? parentOf(readKernelFile(`/proc/${pid}/stat`));
    parents.set(pid, parent);
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(pid);
    else childrenOf.set(parent, [pid]);
  }
  const found = [root];
  for (const pid of found) found.push(...(childrenOf.get(pid) ?? []));
  return found;
}

/**
 * Whether a new process still runs its parent's program. Between fork and exec it has all its parent's pages, which would
 * count twice: it counts from the next look on.
 */
function isFork(pid: number, parent: number | undefined): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === readlinkSync(`/proc/${parent}/exe`);
  } catch {
    return false;
  }
}

function bytesOf(status: string, field: string): number {
  return fieldOf(status, field) * 1024;
}

/** The parent in a stat line `pid (name) state ppid …`; the name may hold anything, parentheses and spaces too. */
function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2] ?? -1);
}
