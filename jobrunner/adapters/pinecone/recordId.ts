import { StageError } from '../../contract/stageError.ts';

/**
 * 1 to 512 characters (OpenAPI document of the data plane 2026-04, `Vector.id`), ASCII, and no spaces, since a prefix to
 * list by "does not accept values containing spaces" (ibid., `/vectors/list`).
 */
const STORABLE = /^[\x21-\x7e]{1,512}$/;
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,8})$/;

/** What the ids of a key's vectors begin with: the `#` keeps out keys of which this one is the beginning. */
export function idPrefix(key: string): string {
  return `${key}#`;
}

/** `<key>#<index>`. Throws `ConfigurationInvalid` where Pinecone cannot hold it. */
export function recordId(key: string, index: number): string {
  const id = `${idPrefix(key)}${index}`;
  if (!STORABLE.test(id))
    throw new StageError(
      'ConfigurationInvalid',
      `Pinecone cannot hold the id ${JSON.stringify(id.slice(0, 600))}: it takes up to 512 ASCII characters without spaces. Change the cluster's name or the video's.`,
    );
  return id;
}

/** The index in an id of this key; undefined for an id that is not of our making. */
export function indexInId(id: string, key: string): number | undefined {
  const prefix = idPrefix(key);
  const rest = id.startsWith(prefix) ? id.slice(prefix.length) : '';
  return PLAIN_NUMBER.test(rest) ? Number(rest) : undefined;
}
