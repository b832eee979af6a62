import { createHash } from 'node:crypto';
import { isObject } from '../common/json.ts';
import type { LoomVideoSpec } from '../crds/generated/loomvideo.ts';

/** Hexadecimal digits of a spec's hash: 64 bits, for telling apart the few specs that one video ever has. */
const LENGTH = 16;

/**
 * Of the fields that change what is stored. A list, not the whole spec: a field that a later version adds shall not make
 * every finished video run again. `embedding.batchSize` is how, not what.
 */
export function resultHash({ url, transcription, embedding, credentialsSecretRef }: LoomVideoSpec): string {
  const { batchSize: _batchSize, ...vectors } = embedding;
  return hashOf({ url, transcription, embedding: vectors, credentialsSecretRef });
}

/** Of all fields an attempt depends on: what only steers attempts is left out. */
export function specHash(spec: LoomVideoSpec): string {
  const { suspend: _suspend, deletionPolicy: _policy, maxAttempts: _attempts, ...rest } = spec;
  return hashOf(rest);
}

/** SHA-256 of the canonical JSON, shortened. */
export function hashOf(value: unknown, length = LENGTH): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, length);
}

/** JSON with sorted keys: equal values have equal text, in whatever order they were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
