import { admit, byAge, type Candidate } from '../../reconcile/admission.ts';
import type { Admission } from '../../reconcile/observation.ts';

/** One video at a time, whatever its namespace. */
const CAPS = { total: 1, perNamespace: Number.POSITIVE_INFINITY };

/** So many at the head of the line are told their place whenever it changes; those behind them when they are looked at. */
const TOLD = 50;

/** Who may begin, over all videos. */
export class Places {
  readonly #candidates = new Map<string, Candidate>();
  #decided: Map<string, Admission> | undefined;

  /** What a video wants now; returns those to look at again because of it. */
  update(candidate: Candidate): Candidate[] {
    const before = this.#candidates.get(candidate.uid);
    this.#candidates.set(candidate.uid, candidate);
    if ((before?.wants ?? 'none') === candidate.wants) return [];
    this.#decided = undefined;
    return candidate.wants === 'none' ? this.#firstInLine() : [];
  }

  /** Likewise. */
  remove(uid: string): Candidate[] {
    const before = this.#candidates.get(uid);
    this.#candidates.delete(uid);
    if (!before || before.wants === 'none') return [];
    this.#decided = undefined;
    return this.#firstInLine();
  }

  /** Of a video that waits. */
  of(uid: string): Admission {
    this.#decided ??= admit([...this.#candidates.values()], CAPS);
    return this.#decided.get(uid) ?? { kind: 'admitted' };
  }

  #firstInLine(): Candidate[] {
    return [...this.#candidates.values()]
      .filter(({ wants }) => wants === 'waiting')
      .sort(byAge)
      .slice(0, TOLD);
  }
}
