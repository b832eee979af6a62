import type { Clock } from '../../../common/clock.ts';
import { admit, type Candidate, type Caps } from '../../reconcile/admission.ts';
import type { Admission } from '../../reconcile/observation.ts';

/**
 * For how long a queued video is told the same number of those ahead of it, milliseconds: with each end of an attempt the
 * number changes for all that wait, and each change would be a status written.
 */
const SAME_FOR_MS = 60_000;

/** Of its time the event loop gives at most so much to counting places. */
const SHARE = 0.1;

const ADMITTED: Admission = { kind: 'admitted' };

export interface AdmissionsOptions {
  readonly caps: Caps;
  readonly clock: Clock;
  /** A video whose turn it is, or whose first place in the queue is known now. */
  readonly onDecided: (candidate: Candidate, decided: Admission['kind']) => void;
}

/**
 * Who may begin, over all videos. Candidates are told one by one; the places are counted anew at most once per turn of the
 * event loop, and what is decided then stands until the next count: an admitted video keeps its place until it says that it
 * wants none.
 */
export class Admissions {
  readonly #options: AdmissionsOptions;
  /** Nobody has to wait for another, so nothing is counted. */
  readonly #unlimited: boolean;
  readonly #candidates = new Map<string, Candidate>();
  #decided = new Map<string, Admission>();
  readonly #told = new Map<string, { readonly admission: Admission; readonly at: number }>();
  #timer: NodeJS.Timeout | undefined;
  #costMs = 0;

  constructor(options: AdmissionsOptions) {
    this.#options = options;
    const { total, perNamespace } = options.caps;
    this.#unlimited = total === Infinity && perNamespace === Infinity;
  }

  /** What a video wants now. */
  update(candidate: Candidate): void {
    const before = this.#candidates.get(candidate.uid);
    this.#candidates.set(candidate.uid, candidate);
    if (candidate.wants !== 'waiting') this.#told.delete(candidate.uid);
    if ((before?.wants ?? 'none') !== candidate.wants) this.#countSoon();
  }

  remove(uid: string): void {
    const before = this.#candidates.get(uid);
    this.#candidates.delete(uid);
    this.#told.delete(uid);
    if (before && before.wants !== 'none') this.#countSoon();
  }

  /** Undefined: not decided yet; `onDecided` tells. Only of a video that waits. */
  of(uid: string): Admission | undefined {
    if (this.#unlimited) return ADMITTED;
    const decided = this.#decided.get(uid);
    if (decided?.kind !== 'queued') return decided;
    const now = this.#options.clock.now().getTime();
    const told = this.#told.get(uid);
    if (told?.admission.kind === 'queued' && now - told.at < SAME_FOR_MS) return told.admission;
    this.#told.set(uid, { admission: decided, at: now });
    return decided;
  }

  /** Attempts that hold a place, those just admitted included. */
  get taken(): number {
    let taken = 0;
    for (const { uid, wants } of this.#candidates.values())
      if (wants === 'active' || (wants === 'waiting' && this.#decided.get(uid)?.kind === 'admitted')) taken++;
    return taken;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #countSoon(): void {
    if (this.#unlimited) return;
    // Not unref'd: somebody waits for the answer.
    this.#timer ??= setTimeout(() => this.#count(), this.#costMs / SHARE);
  }

  #count(): void {
    this.#timer = undefined;
    const begun = performance.now();
    const before = this.#decided;
    this.#decided = admit([...this.#candidates.values()], this.#options.caps);
    this.#costMs = performance.now() - begun;
    for (const [uid, { kind }] of this.#decided) {
      const candidate = this.#candidates.get(uid);
      if (candidate && before.get(uid)?.kind !== kind) this.#options.onDecided(candidate, kind);
    }
  }
}
