import type { UpsertBody } from './requestSchemas.ts';

/** Bytes of one record's metadata: https://docs.pinecone.io/guides/index-data/indexing-overview#metadata-size */
const MAX_METADATA_BYTES = 40_960;
/** A smaller vector counts as all zero (`Vector.values`, API version 2026-07). */
const SMALLEST_VALUE = 1e-8;

/** What Pinecone refuses in a record that its schema allows; in its own words where they are published or known. */
export function recordFault(
  { id, values, metadata = {} }: UpsertBody['vectors'][number],
  dimension: number,
): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(id)) return `Vector ID must be ASCII, but got '${id}'`;
  const length = dimensionFault(values, dimension);
  if (length !== undefined) return length;
  if (values.every((value) => Math.abs(value) < SMALLEST_VALUE))
    return `Dense vectors must contain at least one non-zero value. Vector ID ${id} contains only zeros.`;
  for (const [field, value] of Object.entries(metadata)) {
    if (field.startsWith('$')) return `Metadata field names may not begin with '$', got '${field}'`;
    const list = Array.isArray(value) && value.every((item) => typeof item === 'string');
    if (!list && !['string', 'number', 'boolean'].includes(typeof value))
      return `Metadata value must be a string, number, boolean or list of strings, got '${JSON.stringify(value).slice(0, 20)}' for field '${field}'`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  return bytes > MAX_METADATA_BYTES
    ? `Metadata size is ${bytes} bytes, which exceeds the limit of ${MAX_METADATA_BYTES} bytes per vector`
    : undefined;
}

export function dimensionFault(values: readonly number[], dimension: number): string | undefined {
  return values.length === dimension
    ? undefined
    : `Vector dimension ${values.length} does not match the dimension of the index ${dimension}`;
}
