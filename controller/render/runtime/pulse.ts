import { toMb, type MemorySource } from '../../../common/memory/source.ts';
import type { Vitals } from './attempt.ts';

export interface PulseOptions {
  readonly source: MemorySource;
  /** Of the attempt, from earlier plays; milliseconds. */
  readonly livedMs: number;
  /** Time that only goes forward; milliseconds. */
  readonly uptimeMs: () => number;
}

/** Follows the vitals of an attempt while it is played. */
export class Pulse {
  /** To be read by whoever watches the memory of the attempt: the peak is taken from what it reads. */
  readonly source: MemorySource;
  readonly #options: PulseOptions;
  readonly #begunMs: number;
  #peakBytes = 0;

  constructor(options: PulseOptions) {
    const { source, uptimeMs } = options;
    this.#options = options;
    this.#begunMs = uptimeMs();
    this.source = {
      kind: source.kind,
      limitBytes: source.limitBytes,
      oomKills: () => source.oomKills(),
      sample: () => {
        const sample = source.sample();
        this.#peakBytes = Math.max(this.#peakBytes, sample.residentBytes);
        return sample;
      },
    };
  }

  /** The peak is that of a stage. */
  beginStage(): void {
    this.#peakBytes = 0;
  }

  get vitals(): Vitals {
    const { source, livedMs, uptimeMs } = this.#options;
    return {
      livedMs: Math.round(livedMs + uptimeMs() - this.#begunMs),
      peakMb: toMb(this.#peakBytes),
      oomKills: source.oomKills(),
    };
  }
}
