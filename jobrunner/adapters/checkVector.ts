import { StageError } from '../contract/stageError.ts';
import type { VectorRecord } from '../ports.ts';

/** Numbers in a vector: the longest of today's models has 12,288. */
export const MAX_DIMENSIONS = 16_384;

/** Throws `EmbeddingFailed` for a vector that has no direction: empty, with a NaN or infinity in it, or all zero. */
export function checkVector(values: Float32Array, model: string): void {
  const fault =
    values.length === 0
      ? 'is empty'
      : values.length > MAX_DIMENSIONS
        ? `has ${values.length} numbers, more than ${MAX_DIMENSIONS}`
        : !values.every(Number.isFinite)
          ? 'holds a value that is not a number'
          : values.every((value) => value === 0)
            ? 'is all zero'
            : undefined;
  if (fault !== undefined)
    throw new StageError(
      'EmbeddingFailed',
      `A vector of the embedding model ${model} ${fault}: nothing was stored. Check spec.embedding.model.`,
    );
}

/** For what is written together, before any of it is: each vector as above, all of one length, whole positions. */
export function checkRecords(records: readonly VectorRecord[], model: string): void {
  const length = records[0]?.values.length ?? 0;
  for (const { index, values } of records) {
    if (!Number.isInteger(index) || index < 0)
      throw new StageError('InternalError', `A passage cannot have the position ${index}.`);
    checkVector(values, model);
    if (values.length !== length)
      throw new StageError(
        'EmbeddingFailed',
        `The embedding model ${model} gave vectors of ${length} and of ${values.length} numbers: nothing was stored. Check spec.embedding.model.`,
      );
  }
}
