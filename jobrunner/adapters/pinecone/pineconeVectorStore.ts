import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../../../common/json.ts';
import { abortError } from '../../contract/stageError.ts';
import type { Owner } from '../../contract/videoJob.ts';
import type { VectorHit, VectorRecord, VectorStore } from '../../ports.ts';
import { checkRecords, checkVector } from '../checkVector.ts';
import { checkVectors, statedIndex } from './indexFacts.ts';
import { pineconeApi, strangeAnswer, type PineconeOptions } from './pineconeApi.ts';
import { indexInId, recordId } from './recordId.ts';
import { recordMetadata } from './recordMetadata.ts';
import { deleteIndexes, fetchBatches, listIndexes } from './storedIds.ts';
import { plainNumbers, upsertBatches, type OutgoingRecord } from './upsertBatches.ts';

export interface PineconeStoreOptions extends PineconeOptions {
  /** Milliseconds after which reads show what was written: a purge looks twice, so far apart. */
  readonly settleMs: number;
}

/**
 * Ids after the last passage that are deleted without looking, in one request. A passage is up to half a minute, so they
 * cover any video of up to 8 hours.
 */
const BLIND_TAIL = 1000;
/** Most hits with metadata that a query may ask for, well within the 4 MB an answer may have. */
const MAX_HITS = 1000;

/**
 * Vectors in one namespace of a Pinecone index; many videos, owners and models lie side by side. Pinecone applies the
 * writes to a namespace in their order, but reads (query, list, fetch) may lag behind them:
 * https://docs.pinecone.io/guides/index-data/check-data-freshness. What follows from that:
 *
 * - `deleteTail` does not depend on a read: it deletes the ids that may follow, whether they exist or not.
 * - `purge` has to read, since an id alone does not tell whose vector it is, and a vector that another uid has since
 *   written there must stay. So it looks until two looks, `settleMs` apart, show nothing of this uid. A window remains:
 *   where an old resource's purge and the run of a new one of the same name meet within the lag, the purge may see the
 *   old uid on a vector that was just overwritten, and delete it. Repeating the new one's run heals that.
 * - a purge counts what it saw: after a failure in between, the repeated one counts only what was left.
 *
 * Throws `ConfigurationInvalid` for a host that is no URL. No connection is made before the first call.
 */
export function pineconeVectorStore(options: PineconeStoreOptions): VectorStore {
  const { index: name, namespace, settleMs } = options;
  const api = pineconeApi(options);

  return {
    kind: 'pinecone',

    async prepare(model, dimensions, { signal }) {
      if (options.host === undefined)
        return checkVectors(await api.describe(signal), name, model, dimensions);
      const facts = statedIndex(await api.ask('stats', signal, (index) => index.describeIndexStats()));
      if (!facts) throw strangeAnswer({ operation: 'stats', index: name });
      checkVectors(facts, name, model, dimensions);
    },

    async upsert(owner, model, records, { signal }) {
      checkRecords(records, model);
      for (const { index } of records) recordId(owner.key, index);
      for (const batch of upsertBatches(outgoing(owner, model, records), namespace)) {
        const { upsertedCount } = await api.ask('upsert', signal, (index) =>
          index.upsert({ records: batch }),
        );
        if (typeof upsertedCount === 'number' && upsertedCount !== batch.length)
          throw strangeAnswer({ operation: 'upsert', index: name });
      }
    },

    async deleteTail({ key }, count, { signal }) {
      const blind = Array.from({ length: BLIND_TAIL }, (_, offset) => count + offset);
      await deleteIndexes(api, key, blind, signal);
      const listed = await listIndexes(api, { key, index: name }, signal);
      const beyond = listed.filter((index) => index >= count + BLIND_TAIL);
      await deleteIndexes(api, key, beyond, signal);
    },

    async purge(owner, { signal }) {
      const removed = new Set<number>();
      for (let quietLooks = 0; ;) {
        const found = await removeOwned(owner, signal);
        for (const index of found) removed.add(index);
        quietLooks = found.length === 0 ? quietLooks + 1 : 0;
        if (quietLooks === 2) return removed.size;
        await settle(signal);
      }
    },

    async query({ model, values, limit }, { signal }) {
      checkVector(values, model);
      const topK = Math.min(limit, MAX_HITS);
      if (topK < 1) return [];
      const answer = await api.askIfThere('query', signal, (index) =>
        index.query({
          vector: plainNumbers(values),
          topK,
          filter: { model: { $eq: model } },
          includeMetadata: true,
          includeValues: false,
        }),
      );
      const { matches = [] } = answer ?? {};
      if (!Array.isArray(matches)) throw strangeAnswer({ operation: 'query', index: name });
      return matches.flatMap(toHit);
    },

    close: () => Promise.resolve(),
  };

  /** Deletes what a look shows of this uid, each batch right after it was read; returns the indexes. */
  async function removeOwned({ key, uid }: Owner, signal: AbortSignal): Promise<number[]> {
    const ids = (await listIndexes(api, { key, index: name }, signal)).map((index) => recordId(key, index));
    const removed: number[] = [];
    for (const batch of fetchBatches(ids)) {
      const answer = await api.askIfThere('fetch', signal, (index) => index.fetch({ ids: batch }));
      const { vectors = {} } = answer ?? {};
      if (!isObject(vectors)) throw strangeAnswer({ operation: 'fetch', index: name });
      const owned = batch.flatMap((id) => {
        const index = uidIn(vectors[id]) === uid ? indexInId(id, key) : undefined;
        return index ?? [];
      });
      await deleteIndexes(api, key, owned, signal);
      removed.push(...owned);
    }
    return removed;
  }

  async function settle(signal: AbortSignal): Promise<void> {
    try {
      await sleep(settleMs, undefined, { signal });
    } catch {
      throw abortError(signal);
    }
  }
}

/** One at a time, since as numbers of JavaScript's a vector takes twice its room. */
function* outgoing(owner: Owner, model: string, records: readonly VectorRecord[]): Generator<OutgoingRecord> {
  for (const record of records)
    yield {
      id: recordId(owner.key, record.index),
      values: plainNumbers(record.values),
      metadata: recordMetadata(owner, model, record),
    };
}

function uidIn(vector: unknown): unknown {
  return isObject(vector) && isObject(vector['metadata']) ? vector['metadata']['uid'] : undefined;
}

/** A match as a hit; none for what others stored in the same namespace. */
function toHit(match: unknown): VectorHit[] {
  if (!isObject(match) || !isObject(match['metadata'])) return [];
  const { id, score } = match;
  const { key, uid } = match['metadata'];
  if (typeof id !== 'string' || typeof score !== 'number') return [];
  if (typeof key !== 'string' || typeof uid !== 'string' || indexInId(id, key) === undefined) return [];
  // A sum of rounded products may pass 1 by a hair.
  return [{ id, owner: { key, uid }, score: Math.max(-1, Math.min(1, score)) }];
}
