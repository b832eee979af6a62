/** One look at the memory of a process tree or container. Bytes. */
export interface MemorySample {
  /** What its processes have in memory: their own, and the files they map (programs), but no cache of other files. */
  readonly residentBytes: number;
  /** The part the kernel cannot take back: anonymous and shared memory. The guard acts on this. */
  readonly unreclaimableBytes: number;
}

/** Where memory is read. Reading never throws: what cannot be read counts as 0. */
export interface MemorySource {
  readonly kind: 'cgroup-v2' | 'cgroup-v1' | 'process-tree' | 'process';
  /** The limit the kernel enforces, where there is one. */
  readonly limitBytes: number | undefined;
  sample(): MemorySample;
  /** How many processes the kernel has killed here for want of memory; 0 where it does not count them. */
  oomKills(): number;
}

export const MB = 1024 ** 2;

/** MB of 1024², rounded to whole ones: the figures of logs, reports and status. */
export function toMb(bytes: number): number {
  return Math.round(bytes / MB);
}
