import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { LeaseClient } from './leaseClient.ts';
import type { Lease } from './leaseRecord.ts';

/** Milliseconds. */
export interface LeaseTimings {
  /** After so long without a renewal others take over. */
  readonly durationMs: number;
  /**
   * After so long without a renewal we lead no more. Less than the duration: room for clocks that run at different
   * speeds.
   */
  readonly renewDeadlineMs: number;
  /** Between tries, to lead or to go on leading; up to a fifth longer, at random. */
  readonly retryMs: number;
}

/** What taking, keeping and giving back a lease have in common. */
export interface Election {
  readonly client: LeaseClient;
  readonly identity: string;
  readonly timings: LeaseTimings;
  /** For the times in the record, which people read and nobody judges by. */
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets: what is judged by. */
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly log: Logger;
}

/** A lease that is ours. */
export interface Term {
  readonly lease: Lease;
  /** When the write that proves it was sent, by `monotonic`: others saw it no earlier. */
  readonly provenAt: number;
}

/** Milliseconds until the next try. */
export function untilNextTry({ timings, random }: Election): number {
  return timings.retryMs * (1 + random() / 5);
}

/** Longest wait for one answer: leaves time for a second try before the deadline. */
export function requestMs({ timings }: Election): number {
  return timings.renewDeadlineMs / 2;
}
