import { readFile } from 'node:fs/promises';
import { fieldOf, readKernelFile } from './readFile.ts';

/**
 * Between two measurements of a process' share, in looks at it. The kernel walks all its pages for one: 3 to 10 ms on
 * busy machines, 40 at times, where the other figures take 0.1.
 */
const LOOKS = 20;

interface Share {
  /** 0–1 */
  value: number;
  looks: number;
}

/**
 * What share of the files and shared memory that a process has in memory is its own, pages that several map being divided
 * among them: proportional (PSS) to resident set size. It changes little, so it is measured now and then, off the event loop.
 */
export class FileShares {
  readonly #shares = new Map<number, Share>();

  /** 0–1. The first look at a process measures at once: it has few pages as yet, unless it is our own. */
  of(pid: number): number {
    const known = this.#shares.get(pid);
    if (!known) {
      const value = shareIn(readKernelFile(`/proc/${pid}/smaps_rollup`)) ?? 1;
      this.#shares.set(pid, { value, looks: 0 });
      return value;
    }
    if (++known.looks === LOOKS) void this.#measure(pid, known);
    return known.value;
  }

  /** Forgets all others, whose numbers may be given to new processes. */
  keep(pids: readonly number[]): void {
    const kept = new Set(pids);
    for (const pid of this.#shares.keys()) if (!kept.has(pid)) this.#shares.delete(pid);
  }

  async #measure(pid: number, share: Share): Promise<void> {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    share.value = shareIn(rollup) ?? share.value;
    share.looks = 0;
  }
}

/** Undefined where the process has ended, or maps nothing. */
function shareIn(rollup: string): number | undefined {
  const mapped = fieldOf(rollup, 'Rss') - fieldOf(rollup, 'Anonymous');
  if (mapped <= 0) return undefined;
  return Math.min(1, (fieldOf(rollup, 'Pss_File') + fieldOf(rollup, 'Pss_Shmem')) / mapped);
}
