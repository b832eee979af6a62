import type { TestContext } from 'node:test';
import { systemClock } from '../../../../common/clock.ts';
import { redactor } from '../../../../common/redact.ts';
import {
  pineconeVectorStore,
  type PineconeStoreOptions,
} from '../../../../jobrunner/adapters/pinecone/pineconeVectorStore.ts';
import type { VectorRecord, VectorStore } from '../../../../jobrunner/ports.ts';
import { startPinecone, type PineconeStandIn, type PineconeStandInOptions } from './startPinecone.ts';

export const MODEL = 'unit-model';
export const NAMESPACE = 'unit';

export interface PineconeWorld {
  readonly pinecone: PineconeStandIn;
  readonly store: VectorStore;
}

/** A stand-in and a store on it, which end with the test. */
export async function openPinecone(
  t: TestContext,
  {
    by = 'host',
    standIn = {},
    store = {},
  }: {
    by?: 'host' | 'name';
    standIn?: PineconeStandInOptions;
    store?: Partial<PineconeStoreOptions>;
  } = {},
): Promise<PineconeWorld> {
  const pinecone = await startPinecone(standIn);
  t.after(() => pinecone.close());
  return { pinecone, store: storeOn(pinecone, by, store) };
}

export function storeOn(
  pinecone: PineconeStandIn,
  by: 'host' | 'name',
  options: Partial<PineconeStoreOptions> = {},
): VectorStore {
  return pineconeVectorStore({
    apiKey: pinecone.apiKey,
    index: pinecone.indexName,
    ...(by === 'host' ? { host: pinecone.url } : { controllerHost: pinecone.controllerUrl }),
    namespace: NAMESPACE,
    settleMs: 1,
    timeoutMs: 5000,
    clock: systemClock,
    redact: redactor([pinecone.apiKey]),
    ...options,
  });
}

/** A record at a position, with a vector that has a direction of its own. */
export function recordAt(
  index: number,
  dimension = 8,
  metadata: Partial<VectorRecord['metadata']> = {},
): VectorRecord {
  const values = Float32Array.from({ length: dimension }, (_, at) => Math.sin(1 + index + at * 7));
  const length = Math.hypot(...values);
  return {
    index,
    values: values.map((value) => value / length),
    metadata: {
      title: 'A demo',
      text: `passage ${index}`,
      start: index,
      end: index + 1,
      url: 'https://x',
      ...metadata,
    },
  };
}

/** Writes a vector of somebody else's into the same namespace. */
export async function putForeign(
  pinecone: PineconeStandIn,
  vectors: readonly { id: string; values?: readonly number[]; metadata?: object }[],
): Promise<void> {
  const body = {
    namespace: NAMESPACE,
    vectors: vectors.map((vector) => ({ values: [1, 0, 0, 0, 0, 0, 0, 0], ...vector })),
  };
  const response = await fetch(`${pinecone.url}/vectors/upsert`, {
    method: 'POST',
    headers: {
      'api-key': pinecone.apiKey,
      'x-pinecone-api-version': '2026-07',
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}
