import { StageError } from '../../contract/stageError.ts';
import type { VectorStore } from '../../ports.ts';
import { checkRecords, checkVector, MAX_DIMENSIONS } from '../checkVector.ts';
import type { SqliteDatabase } from './sqliteDatabase.ts';

/**
 * Vectors in the embedded store's file: float32, exact search by cosine. Vectors of several models and lengths may lie
 * side by side. `close` closes the file when no other store uses it.
 */
export function sqliteVectorStore(database: SqliteDatabase): VectorStore {
  const close = database.share();
  return {
    kind: 'sqlite',

    async prepare(model, dimensions, { signal }) {
      if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS)
        throw new StageError(
          'StoreMisconfigured',
          `${model} has vectors of ${dimensions} numbers; the embedded store takes 1 to ${MAX_DIMENSIONS}. Choose another spec.embedding.model.`,
        );
      await database.run('open', [], signal);
    },

    async upsert(owner, model, records, { signal }) {
      checkRecords(records, model);
      await database.run('upsertVectors', [owner, model, records], signal);
    },

    async deleteTail(owner, count, { signal }) {
      await database.run('deleteVectorTail', [owner.key, count], signal);
    },

    async purge(owner, { signal }) {
      return database.run('purgeVectors', [owner], signal);
    },

    async query(query, { signal }) {
      checkVector(query.values, query.model);
      return database.run('queryVectors', [query], signal);
    },

    close,
  };
}
