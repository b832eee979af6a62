import type { MemorySample, MemorySource } from './source.ts';

/** The guard acts at this share of the limit, so that it comes before the kernel does. */
const GUARD_SHARE = 0.9;

export interface MemoryWatchOptions {
  readonly source: MemorySource;
  readonly limitBytes: number;
  readonly intervalMs: number;
  /** Called once, when memory that cannot be reclaimed passes 90 % of the limit; absent: the guard is off. */
  readonly onExceeded?: (sample: MemorySample) => void;
}

/** Follows the memory of a stage: its peak, and the moment it grows beyond the budget. */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #peakBytes = 0;
  #exceeded = false;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    this.sample();
    this.#timer = setInterval(() => this.sample(), options.intervalMs);
    this.#timer.unref();
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Looks now; also called at each interval. */
  sample(): MemorySample {
    const { source, limitBytes, onExceeded } = this.#options;
    const sample = source.sample();
    this.#peakBytes = Math.max(this.#peakBytes, sample.residentBytes);
    if (onExceeded && !this.#exceeded && sample.unreclaimableBytes > limitBytes * GUARD_SHARE) {
      this.#exceeded = true;
      onExceeded(sample);
    }
    return sample;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
