import type { Clock } from '../../../common/clock.ts';
import type { ObservedJob } from '../../reconcile/observation.ts';

/** A pod is made within this time where nothing is wrong; milliseconds. */
const PATIENCE_MS = 5000;
/** How often the Events are looked at while there is no pod. */
const INTERVAL_MS = 30_000;

interface Look {
  readonly next: number;
  readonly found: string | undefined;
}

/**
 * Jobs that should have a pod and have none: when to ask why, and what was found. Times are our own, from when we first saw
 * it so: the apiserver's clock may be another.
 */
export class PodRejections {
  readonly #clock: Clock;
  readonly #looks = new Map<string, Look>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until it is to be asked why this Job has no pod; undefined: it has one, or needs none. */
  waitMs({ uid, state, suspended, deleting, pod }: ObservedJob): number | undefined {
    if (state !== 'active' || suspended || deleting || pod) {
      this.#looks.delete(uid);
      return undefined;
    }
    const now = this.#clock.now().getTime();
    const look = this.#looks.get(uid) ?? { next: now + PATIENCE_MS, found: undefined };
    this.#looks.set(uid, look);
    return Math.max(0, look.next - now);
  }

  noteFound(jobUid: string, found: string | undefined): void {
    const now = this.#clock.now().getTime();
    this.#looks.set(jobUid, { next: now + INTERVAL_MS, found });
  }

  of(jobUid: string): string | undefined {
    return this.#looks.get(jobUid)?.found;
  }

  forget(jobUid: string): void {
    this.#looks.delete(jobUid);
  }
}
