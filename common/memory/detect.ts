import { existsSync } from 'node:fs';
import { cgroupSource } from './cgroup.ts';
import { processTreeSource } from './processTree.ts';
import type { MemorySource } from './source.ts';

/** The container's cgroup where one bounds us, else our process tree, else (no /proc) this process alone. */
export function detectMemorySource(): MemorySource {
  const cgroup = cgroupSource({ membership: '/proc/self/cgroup', mount: '/sys/fs/cgroup' });
  if (cgroup) return cgroup;
  if (existsSync(`/proc/${process.pid}/smaps_rollup`)) return processTreeSource(process.pid);
  return {
    kind: 'process',
    limitBytes: undefined,
    sample() {
      const bytes = process.memoryUsage.rss();
      return { residentBytes: bytes, unreclaimableBytes: bytes };
    },
    oomKills: () => 0,
  };
}
