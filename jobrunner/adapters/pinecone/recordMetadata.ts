import type { Owner } from '../../contract/videoJob.ts';
import type { VectorRecord } from '../../ports.ts';

/** Bytes of a record's metadata as JSON: https://docs.pinecone.io/guides/index-data/indexing-overview#metadata-size */
const MAX_BYTES = 40_960;

/** What is stored beside a vector. Flat, without nulls, which Pinecone refuses. */
// A type, not an interface: the client wants an index signature, which only a type has implicitly.
export type RecordMetadata = {
  readonly key: string;
  readonly uid: string;
  readonly model: string;
  readonly title: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly url: string;
};

/** The metadata of a record, with the text, then the title, cut at a character's border where it would be too large. */
export function recordMetadata(
  { key, uid }: Owner,
  model: string,
  { metadata: { title, text, start, end, url } }: VectorRecord,
): RecordMetadata {
  // Half a surrogate pair is no JSON text that every parser takes.
  const whole = { key, uid, model, title: title.toWellFormed(), text: text.toWellFormed(), start, end, url };
  const shorter = cut(whole, 'text');
  return cut(shorter, 'title');
}

function cut(metadata: RecordMetadata, field: 'text' | 'title'): RecordMetadata {
  const size = jsonBytes(metadata);
  if (size <= MAX_BYTES) return metadata;
  const room = MAX_BYTES - (size - jsonBytes(metadata[field]) + 2);
  return { ...metadata, [field]: firstBytes(metadata[field], room) };
}

/** The longest beginning of a text that takes up to so many bytes between its JSON quotes. */
function firstBytes(text: string, room: number): string {
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += jsonBytes(character) - 2;
    if (used > room) break;
    kept += character;
  }
  return kept;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
