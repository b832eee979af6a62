import type { ApiAnswer, ApiRequest } from '../standIn.ts';
import { dataError, invalid, NAMESPACE_MISSING, RPC } from './answers.ts';
import type { LaggingState, StoredVector } from './laggingState.ts';
import { filterFault, matches } from './metadataFilter.ts';
import { dimensionFault, recordFault } from './recordRules.ts';
import type { DeleteBody, QueryBody, UpsertBody } from './requestSchemas.ts';
import type { PineconeIndex } from './startPinecone.ts';

/** Bytes of a query's answer: https://docs.pinecone.io/reference/api/database-limits/operation-limits */
const MAX_QUERY_BYTES = 4_000_000;
/** Ids in one fetch, by the same page. */
const MAX_FETCHED = 1000;
const PAGE = 100;

type Answer = (request: ApiRequest) => ApiAnswer;
type DataOperation = 'stats' | 'upsert' | 'query' | 'fetch' | 'list' | 'delete';

/** The operations of one index, on bodies whose shape was checked. */
export function dataPlane(index: () => PineconeIndex, state: LaggingState): Record<DataOperation, Answer> {
  const visible = (namespace: string): ReadonlyMap<string, StoredVector> =>
    state.visible().get(namespace) ?? new Map<string, StoredVector>();

  return {
    stats: () => {
      const namespaces = Object.fromEntries(
        [...state.visible()].map(([name, vectors]) => [name, { vectorCount: vectors.size }]),
      );
      const { dimension, metric, vectorType } = index();
      const totalVectorCount = Object.values(namespaces).reduce(
        (sum, { vectorCount }) => sum + vectorCount,
        0,
      );
      const dense = vectorType === 'dense' ? { dimension } : {};
      return {
        status: 200,
        body: { namespaces, ...dense, indexFullness: 0, totalVectorCount, metric, vectorType },
      };
    },

    upsert: ({ body }) => {
      const { vectors, namespace } = body as UpsertBody;
      for (const vector of vectors) {
        const fault = recordFault(vector, index().dimension);
        if (fault !== undefined) return invalid(fault);
      }
      state.write((namespaces) => {
        const name = nameOf(namespace);
        const stored = namespaces.get(name) ?? new Map<string, StoredVector>();
        namespaces.set(name, stored);
        for (const { id, values, metadata = {} } of vectors)
          stored.set(id, { id, values: values.map(Math.fround), metadata });
      });
      return { status: 200, body: { upsertedCount: vectors.length } };
    },

    query: ({ body }) => {
      const { topK, filter = {}, includeValues, includeMetadata, vector, id, namespace } = body as QueryBody;
      if ((vector === undefined) === (id === undefined))
        return invalid('Each query must have either a vector or an id');
      const fault = filterFault(filter) ?? (vector && dimensionFault(vector, index().dimension));
      if (fault !== undefined) return invalid(fault);
      const stored = visible(nameOf(namespace));
      const from = vector ?? stored.get(id ?? '')?.values;
      const found = [...stored.values()]
        .filter(({ metadata }) => matches(metadata, filter))
        .map((one) => ({ ...one, score: score(index().metric, from ?? [], one.values) }))
        .sort((a, b) => (index().metric === 'euclidean' ? a.score - b.score : b.score - a.score))
        .slice(0, from ? topK : 0)
        .map((one) => ({
          id: one.id,
          score: one.score,
          values: includeValues ? one.values : [],
          ...(includeMetadata && { metadata: one.metadata }),
        }));
      const answer = { matches: found, namespace: nameOf(namespace), usage: { readUnits: 1 } };
      return Buffer.byteLength(JSON.stringify(answer)) > MAX_QUERY_BYTES
        ? invalid('The result is larger than 4MB: choose a lower top_k')
        : { status: 200, body: answer };
    },

    fetch: ({ query }) => {
      const ids = query.getAll('ids');
      if (ids.length === 0 || ids.length > MAX_FETCHED) return invalid(`ids must be 1 to ${MAX_FETCHED}`);
      if (ids.some((id) => id.includes(' ') || id === '')) return invalid('ids may not contain spaces');
      const namespace = nameOf(query.get('namespace') ?? undefined);
      const stored = visible(namespace);
      const vectors = Object.fromEntries(
        ids.flatMap((id) => {
          const vector = stored.get(id);
          return vector ? [[id, vector]] : [];
        }),
      );
      return { status: 200, body: { vectors, namespace, usage: { readUnits: 1 } } };
    },

    list: ({ query }) => {
      // No published words for this: gRPC's status for what a server does not do, as gateways translate it.
      if (index().pod)
        return dataError(501, RPC.unimplemented, 'list is supported only for serverless indexes');
      const prefix = query.get('prefix') ?? '';
      const limit = Number(query.get('limit') ?? PAGE);
      if (prefix.includes(' ')) return invalid('prefix may not contain spaces');
      if (!Number.isInteger(limit) || limit < 1 || limit > PAGE) return invalid('limit must be 1 to 100');
      const token = query.get('paginationToken');
      const after = token === null ? '' : tokenId(token);
      if (after === undefined) return invalid('Invalid pagination token');
      const namespace = nameOf(query.get('namespace') ?? undefined);
      // "in sorted order (bitwise "C" collation)"
      const rest = [...visible(namespace).keys()]
        .filter((id) => id.startsWith(prefix) && id > after)
        .sort((a, b) => (a < b ? -1 : 1));
      const page = rest.slice(0, limit);
      return {
        status: 200,
        body: {
          vectors: page.map((id) => ({ id })),
          ...(rest.length > limit && { pagination: { next: tokenOf(page.at(-1) ?? '') } }),
          namespace,
          usage: { readUnits: 1 },
        },
      };
    },

    delete: ({ body }) => {
      const { ids, deleteAll, filter, namespace } = body as DeleteBody;
      if ([ids !== undefined, deleteAll === true, filter !== undefined].filter(Boolean).length !== 1)
        return invalid('Exactly one of ids, deleteAll and filter must be given');
      const fault = filter && filterFault(filter);
      if (fault !== undefined) return invalid(fault);
      const name = nameOf(namespace);
      const stored = state.written.get(name);
      if (!stored) return NAMESPACE_MISSING;
      const chosen =
        ids ??
        [...stored.values()].filter(({ metadata }) => matches(metadata, filter ?? {})).map(({ id }) => id);
      state.write((namespaces) => {
        // "Deleting all records from a namespace also deletes the namespace itself."
        if (deleteAll) namespaces.delete(name);
        for (const id of chosen) namespaces.get(name)?.delete(id);
      });
      return { status: 200, body: {} };
    },
  };
}

/** The default namespace has a name of its own since API version 2025-04. */
function nameOf(namespace: string | undefined): string {
  return namespace === undefined || namespace === '' ? '__default__' : namespace;
}

/** The score of each metric: https://docs.pinecone.io/guides/index-data/indexing-overview#distance-metrics */
function score(metric: PineconeIndex['metric'], a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  if (metric === 'dotproduct') return dot;
  if (metric === 'cosine') return dot / (Math.hypot(...a) * Math.hypot(...b));
  return a.reduce((sum, value, at) => sum + (value - (b[at] ?? 0)) ** 2, 0);
}

function tokenOf(id: string): string {
  return Buffer.from(JSON.stringify({ after: id })).toString('base64');
}

function tokenId(token: string): string | undefined {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64').toString()) as { after?: unknown };
    return typeof after === 'string' ? after : undefined;
  } catch {
    return undefined;
  }
}
