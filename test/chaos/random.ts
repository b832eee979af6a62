import { seededRandom } from '../support/seededRandom.ts';

/** Chance, the same for the same seed. */
export interface Random {
  /** 0 ≤ n < 1 */
  readonly next: () => number;
  chance(probability: number): boolean;
  /** Both ends included. */
  whole(least: number, most: number): number;
  pick<T>(choices: readonly T[]): T;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: { readonly [name in K]?: number }): K;
}

export function seeded(seed: number): Random {
  const next = seededRandom(seed);
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick<T>(choices: readonly T[]): T {
      if (choices.length === 0) throw new RangeError('nothing to pick from');
      // oxlint-disable-next-line no-unsafe-type-assertion -- within its length; an element may be undefined
      return choices[whole(0, choices.length - 1)] as T;
    },
    weighted<K extends string>(weights: { readonly [name in K]?: number }): K {
      // oxlint-disable-next-line no-unsafe-type-assertion -- the keys of this very record
      const entries = Object.entries(weights) as [K, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new RangeError('nothing to pick from');
    },
  };
}
