import { StageError } from '../../contract/stageError.ts';
import type { VectorRecord, VectorStore } from '../../ports.ts';
import { checkVector, MAX_DIMENSIONS } from './checkVector.ts';
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
      for (const record of records) checkRecord(record, model, records[0]?.values.length ?? 0);
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

function checkRecord({ index, values }: VectorRecord, model: string, length: number): void {
  if (!Number.isInteger(index) || index < 0)
    throw new StageError('InternalError', `A passage cannot have the position ${index}.`);
  checkVector(values, model);
  if (values.length !== length)
    throw new StageError(
      'EmbeddingFailed',
      `The embedding model ${model} gave vectors of ${length} and of ${values.length} numbers: nothing was stored. Check spec.embedding.model.`,
    );
}
