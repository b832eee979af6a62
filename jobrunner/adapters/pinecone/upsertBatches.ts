import type { PineconeRecord } from '@pinecone-database/pinecone';
import type { RecordMetadata } from './recordMetadata.ts';

/** "1,000 records, up to 2 MB total": https://docs.pinecone.io/reference/api/database-limits/operation-limits */
const MAX_RECORDS = 1000;
/** The smaller reading of 2 MB. */
const MAX_BYTES = 2_000_000;
/** Digits after which every float32 is itself again (IEEE 754: FLT_DECIMAL_DIG). */
const FLOAT32_DIGITS = 9;

export type OutgoingRecord = PineconeRecord<RecordMetadata>;

/** The numbers of a vector as JSON writes them shortest: a float32 seen as a double has 17 digits, of which 9 tell. */
export function plainNumbers(values: Float32Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(FLOAT32_DIGITS)));
}

/** Records in the groups that each fit into one request to this namespace, by the bytes that are really sent. */
export function* upsertBatches(
  records: Iterable<OutgoingRecord>,
  namespace: string,
): Generator<OutgoingRecord[]> {
  const envelope = Buffer.byteLength(JSON.stringify({ vectors: [], namespace }));
  let batch: OutgoingRecord[] = [];
  let size = envelope;
  for (const record of records) {
    // One more for the comma.
    const bytes = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (batch.length === MAX_RECORDS || (batch.length > 0 && size + bytes > MAX_BYTES)) {
      yield batch;
      batch = [];
      size = envelope;
    }
    batch.push(record);
    size += bytes;
  }
  if (batch.length > 0) yield batch;
}
