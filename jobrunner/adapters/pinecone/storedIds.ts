import { isObject } from '../../../common/json.ts';
import { strangeAnswer, type PineconeApi } from './pineconeApi.ts';
import { idPrefix, indexInId, recordId } from './recordId.ts';

/** Ids in a page, the most that `list` gives (OpenAPI document of the data plane, `/vectors/list`). */
const PAGE = 100;
/** Ids in one request: https://docs.pinecone.io/reference/api/database-limits/operation-limits */
const MAX_DELETED = 1000;
/** Fetched ids stand in the URL. Proxies take at least 8,000 characters of it (RFC 9110, 4.1), the rest of it is short. */
const MAX_FETCHED = 100;
const MAX_FETCH_URL = 4000;

/** The indexes under which this key has vectors, by all that a list shows now. Foreign ids are not among them. */
export async function listIndexes(
  api: PineconeApi,
  { key, index }: { key: string; index: string },
  signal: AbortSignal,
): Promise<number[]> {
  const found: number[] = [];
  const prefix = idPrefix(key);
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    const page = token === undefined ? {} : { paginationToken: token };
    const answer = await api.askIfThere('list', signal, (target) =>
      target.listPaginated({ prefix, limit: PAGE, ...page }),
    );
    if (!answer) return found;
    const { vectors = [], pagination } = answer;
    if (!Array.isArray(vectors)) throw strangeAnswer({ operation: 'list', index });
    for (const item of vectors) {
      const id: unknown = isObject(item) ? item['id'] : undefined;
      const position = typeof id === 'string' ? indexInId(id, key) : undefined;
      if (position !== undefined) found.push(position);
    }
    token = isObject(pagination) && typeof pagination['next'] === 'string' ? pagination['next'] : undefined;
    // A page that leads to itself would be read for ever.
    if (token !== undefined && tokens.has(token)) throw strangeAnswer({ operation: 'list', index });
    if (token !== undefined) tokens.add(token);
  } while (token !== undefined && token !== '');
  return found;
}

/** Deletes by id. Ids that do not exist are no error, and cost nothing (docs.pinecone.io, "Understanding cost"). */
export async function deleteIndexes(
  api: PineconeApi,
  key: string,
  indexes: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < indexes.length; from += MAX_DELETED) {
    const ids = indexes.slice(from, from + MAX_DELETED).map((index) => recordId(key, index));
    await api.askIfThere('delete', signal, (target) => target.deleteMany({ ids }));
  }
}

/** Groups of ids that each fit into the URL of one fetch. */
export function* fetchBatches(ids: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let length = 0;
  for (const id of ids) {
    const more = `ids=${encodeURIComponent(id)}&`.length;
    if (batch.length > 0 && (batch.length === MAX_FETCHED || length + more > MAX_FETCH_URL)) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push(id);
    length += more;
  }
  if (batch.length > 0) yield batch;
}
