import type { Admission } from './observation.ts';

/** A LoomVideo as the caps see it. */
export interface Candidate {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: Date;
  /** `active`: its attempt holds a place. `waiting`: it would begin one. `none`: it wants no place now. */
  readonly wants: 'active' | 'waiting' | 'none';
}

export interface Caps {
  /** Attempts under way at once, in all; Infinity: no cap. */
  readonly total: number;
  /** … in one namespace. */
  readonly perNamespace: number;
}

/** Oldest first; equal ages go by name, so that the order never varies. */
export function byAge(a: Candidate, b: Candidate): number {
  return (
    a.createdAt.getTime() - b.createdAt.getTime() ||
    compare(a.namespace, b.namespace) ||
    compare(a.name, b.name)
  );
}

/**
 * Which of the waiting may begin: oldest first, as many as the caps leave room for. A namespace that is full does not
 * hold up others. One pass over all candidates.
 */
export function admit(candidates: readonly Candidate[], caps: Caps): Map<string, Admission> {
  const inNamespace = new Map<string, number>();
  let taken = 0;
  const take = ({ namespace }: Candidate): void => {
    taken++;
    inNamespace.set(namespace, (inNamespace.get(namespace) ?? 0) + 1);
  };
  for (const candidate of candidates) if (candidate.wants === 'active') take(candidate);

  const admissions = new Map<string, Admission>();
  const ahead = new Map<string, number>();
  let aheadInAll = 0;
  for (const candidate of candidates.filter(({ wants }) => wants === 'waiting').sort(byAge)) {
    const { uid, namespace } = candidate;
    const full = (inNamespace.get(namespace) ?? 0) >= caps.perNamespace;
    if (!full && taken < caps.total) {
      take(candidate);
      admissions.set(uid, { kind: 'admitted' });
    } else if (full)
      admissions.set(uid, {
        kind: 'queued',
        ahead: ahead.get(namespace) ?? 0,
        cap: `at most ${caps.perNamespace} at once in a namespace`,
      });
    else admissions.set(uid, { kind: 'queued', ahead: aheadInAll, cap: `at most ${caps.total} at once` });
    if (admissions.get(uid)?.kind === 'queued') {
      aheadInAll++;
      ahead.set(namespace, (ahead.get(namespace) ?? 0) + 1);
    }
  }
  return admissions;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
