/** One ranking of passages, best first. */
export interface Ranking {
  readonly ids: readonly string[];
  /** How much it counts beside the others; 1 is the ordinary. */
  readonly weight: number;
}

export interface FusedId {
  readonly id: string;
  readonly score: number;
}

/**
 * Flattens the differences among the first ranks. The value is that of the method's paper: Cormack, Clarke and
 * Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009.
 */
const K = 60;

/**
 * Reciprocal rank fusion: each ranking gives a passage weight / (60 + rank), rank from 1; best sum first. It needs no
 * common scale among the rankings. Equal sums go by the best single rank, then by id, so the order never varies. An id
 * that a ranking repeats counts once, at its first place.
 */
export function fuseRankings(rankings: readonly Ranking[]): FusedId[] {
  const fused = new Map<string, { id: string; score: number; bestRank: number }>();
  for (const { ids, weight } of rankings) {
    for (const [place, id] of [...new Set(ids)].entries()) {
      const rank = place + 1;
      const entry = fused.get(id) ?? { id, score: 0, bestRank: rank };
      entry.score += weight / (K + rank);
      entry.bestRank = Math.min(entry.bestRank, rank);
      fused.set(id, entry);
    }
  }
  return [...fused.values()]
    .sort((a, b) => b.score - a.score || a.bestRank - b.bestRank || compareIds(a.id, b.id))
    .map(({ id, score }) => ({ id, score }));
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
