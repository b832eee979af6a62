import type { Document, DocumentOptions, SchemaOptions } from 'yaml';
import { duplicateFields } from './duplicateFields.ts';

/** Of YAML, what JSON has: no dates, sets or bytes, whatever a document's directive or tags ask for; and nothing is said on stderr. */
export const ONLY_JSON = {
  schema: 'core',
  resolveKnownTags: false,
  logLevel: 'error',
} as const satisfies DocumentOptions & SchemaOptions;

/**
 * The document's value as JSON gives it back. Throws for one with more aliases than `maxAliases`, or nested deeper than
 * JSON may be.
 */
export function jsonOf(document: Document, maxAliases: number): unknown {
  const json = JSON.stringify(document.toJS({ maxAliasCount: maxAliases })) ?? 'null';
  duplicateFields(json);
  return JSON.parse(json);
}
