import type { RecordStore, VectorStore } from '../ports.ts';
import { retryInPlace } from './retryInPlace.ts';
import type { Stage } from './stage.ts';

export interface PurgeDependencies {
  readonly vectors: VectorStore;
  readonly records: RecordStore;
  readonly random: () => number;
  /** See RetryInPlaceOptions. */
  readonly retryBaseMs?: number;
}

/**
 * Removes what this very resource stored: what another one of the same name stored since stays. Vectors go first, so
 * that an interrupted purge leaves a record that can be found and purged again, not vectors that nobody knows of.
 */
export function purgeStage({ vectors, records, random, retryBaseMs }: PurgeDependencies): Stage {
  return {
    name: 'purge',
    finished: () => Promise.resolve(undefined),
    async run({ job: { owner }, signal, log }) {
      const patience = { signal, log, random, ...(retryBaseMs !== undefined && { baseMs: retryBaseMs }) };
      const removedVectors = await retryInPlace(() => vectors.purge(owner, { signal }), patience);
      const removedRecords = await retryInPlace(() => records.purge(owner, { signal }), patience);
      return { purge: { vectors: removedVectors, records: removedRecords } };
    },
  };
}
