import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  MODEL,
  NAMESPACE,
  openPinecone,
  putForeign,
  recordAt,
} from '../support/services/pinecone/openStore.ts';
import type { PineconeStandIn } from '../support/services/pinecone/startPinecone.ts';

const signal = new AbortController().signal;
const owner = { key: 'cluster.default.video', uid: 'uid-1' };

/** What each upsert that arrived held. */
function upserts({ calls }: PineconeStandIn): { bytes: number; text: string; records: number }[] {
  return calls
    .filter(({ operation }) => operation === 'upsert')
    .map(({ request: { text, body } }) => ({
      text,
      bytes: Buffer.byteLength(text),
      records: (body as { vectors: unknown[] }).vectors.length,
    }));
}

describe('Pinecone: upsert', () => {
  it('writes under <key>#<index> into its namespace, with metadata that is readable on its own', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await store.upsert(owner, MODEL, [recordAt(3)], { signal });
    const [vector] = pinecone.vectors();
    assert.equal(vector?.id, 'cluster.default.video#3');
    assert.equal(vector.namespace, NAMESPACE);
    assert.deepEqual(vector.metadata, {
      key: owner.key,
      uid: owner.uid,
      model: MODEL,
      title: 'A demo',
      text: 'passage 3',
      start: 3,
      end: 4,
      url: 'https://x',
    });
  });

  it('sends at most 1,000 records at once', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    const records = Array.from({ length: 2300 }, (_, index) => recordAt(index));
    await store.upsert(owner, MODEL, records, { signal });
    assert.deepEqual(
      upserts(pinecone).map((upsert) => upsert.records),
      [1000, 1000, 300],
    );
    assert.equal(pinecone.vectors().length, 2300);
  });

  it('sends less than 2 MB at once, as much as fits', async (t) => {
    const { pinecone, store } = await openPinecone(t, { standIn: { dimension: 1536 } });
    const records = Array.from({ length: 250 }, (_, index) =>
      recordAt(index, 1536, { text: 'é'.repeat(500) }),
    );
    await store.upsert(owner, MODEL, records, { signal });
    const sent = upserts(pinecone);
    const largest = Math.max(...sent.map(({ bytes, records: count }) => bytes / count));
    for (const { bytes } of sent) assert.ok(bytes < 2_000_000);
    for (const { bytes } of sent.slice(0, -1)) assert.ok(bytes > 2_000_000 - 1.1 * largest, `only ${bytes}`);
    assert.equal(pinecone.vectors().length, 250);
  });

  it('writes no more digits than a float32 needs, and the number that comes back is the same', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    const record = {
      ...recordAt(0),
      values: Float32Array.of(0.1, -1 / 3, 1e-7, 1.17549435e-38, 3.4e38, 1, 0, 16777217),
    };
    await store.upsert(owner, MODEL, [record], { signal });
    assert.doesNotMatch(upserts(pinecone)[0]?.text ?? '', /\d{11}/);
    assert.deepEqual(pinecone.vectors()[0]?.values, [...record.values]);
  });

  it('cuts the text, then the title, where the metadata would pass 40,960 bytes, between characters', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await store.upsert(
      owner,
      MODEL,
      [
        recordAt(0, 8, { text: '😀"'.repeat(20_000) }),
        recordAt(1, 8, { title: '\n'.repeat(50_000), text: 'x'.repeat(50_000) }),
        recordAt(2, 8, { text: 'x'.repeat(40_000) }),
      ],
      { signal },
    );
    const [cut, both, whole] = pinecone.vectors().map(({ metadata }) => metadata);
    for (const metadata of [cut, both]) {
      const bytes = Buffer.byteLength(JSON.stringify(metadata));
      assert.ok(bytes <= 40_960 && bytes > 40_950, `${bytes} bytes`);
    }
    assert.match(String(cut?.['text']), /^(?:😀")+😀?$/u);
    assert.equal(cut?.['title'], 'A demo');
    assert.equal(both?.['text'], '');
    assert.equal(String(whole?.['text']).length, 40_000);
  });

  it('stores half a surrogate pair as the character that stands for it', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await store.upsert(owner, MODEL, [recordAt(0, 8, { text: 'a\uD800b' })], { signal });
    assert.equal(pinecone.vectors()[0]?.metadata['text'], 'a\uFFFDb');
  });

  const broken = {
    'a value that is no number': {
      reason: 'EmbeddingFailed',
      record: { values: new Float32Array(8).fill(Number.NaN) },
    },
    'an infinite value': {
      reason: 'EmbeddingFailed',
      record: { values: new Float32Array(8).fill(Number.POSITIVE_INFINITY) },
    },
    'zeros only': { reason: 'EmbeddingFailed', record: { values: new Float32Array(8) } },
    'an empty vector': { reason: 'EmbeddingFailed', record: { values: new Float32Array(0) } },
    'another length': { reason: 'EmbeddingFailed', record: { values: new Float32Array(7).fill(1) } },
    'half a position': { reason: 'InternalError', record: { index: 1.5 } },
    'a position below 0': { reason: 'InternalError', record: { index: -1 } },
  } as const;
  for (const [name, { reason, record }] of Object.entries(broken))
    it(`sends nothing where one of many has ${name}`, async (t) => {
      const { pinecone, store } = await openPinecone(t);
      const records = [
        ...Array.from({ length: 1500 }, (_, index) => recordAt(index)),
        { ...recordAt(1500), ...record },
      ];
      await assert.rejects(store.upsert(owner, MODEL, records, { signal }), { reason });
      assert.equal(pinecone.calls.length, 0);
    });

  for (const key of ['naïve.default.video', 'has space.default.video', 'k'.repeat(511)])
    it(`sends nothing under the key ${key.slice(0, 30)}, whose ids Pinecone cannot hold`, async (t) => {
      const { pinecone, store } = await openPinecone(t);
      await assert.rejects(store.upsert({ key, uid: 'u' }, MODEL, [recordAt(0)], { signal }), {
        reason: 'ConfigurationInvalid',
      });
      assert.equal(pinecone.calls.length, 0);
    });

  it('sends nothing where only the last of many ids is too long', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    const records = Array.from({ length: 1100 }, (_, index) => recordAt(index));
    await assert.rejects(store.upsert({ key: 'k'.repeat(508), uid: 'u' }, MODEL, records, { signal }), {
      reason: 'ConfigurationInvalid',
    });
    assert.equal(pinecone.calls.length, 0);
  });

  it('tells both numbers where the index turns out to be of another dimension', async (t) => {
    const { pinecone, store } = await openPinecone(t, { standIn: { dimension: 16 } });
    await assert.rejects(store.upsert(owner, MODEL, [recordAt(0)], { signal }), {
      reason: 'StoreMisconfigured',
      message: /of 16 numbers.* gives 8/,
    });
    assert.equal(pinecone.vectors().length, 0);
  });

  it('does not believe an upsert that took less than it was given', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    pinecone.fault('upsert', { change: (answer) => ({ ...answer, body: { upsertedCount: 0 } }) });
    await assert.rejects(store.upsert(owner, MODEL, [recordAt(0)], { signal }), {
      reason: 'StoreUnavailable',
    });
  });
});

describe('Pinecone: query', () => {
  it('asks for no more than 1,000 hits, without their vectors, and for nothing where nothing is wanted', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    const { values } = recordAt(0);
    assert.deepEqual(await store.query({ model: MODEL, values, limit: 0 }, { signal }), []);
    assert.equal(pinecone.calls.length, 0);
    await store.query({ model: MODEL, values, limit: 50_000 }, { signal });
    const body = pinecone.calls[0]?.request.body as Record<string, unknown>;
    assert.equal(body['topK'], 1000);
    assert.equal(body['includeValues'], false);
    assert.deepEqual(body['filter'], { model: { $eq: MODEL } });
  });

  it('leaves out what others stored in the namespace, whatever it looks like', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await store.upsert(owner, MODEL, [recordAt(0)], { signal });
    const ours = { ...owner, model: MODEL };
    await putForeign(pinecone, [
      { id: 'no-metadata' },
      { id: 'only-a-model', metadata: { model: MODEL } },
      { id: 'numbers', metadata: { model: MODEL, key: 1, uid: 2 } },
      { id: 'elsewhere#0', metadata: ours },
      { id: `${owner.key}#first`, metadata: ours },
      { id: `${owner.key}#01`, metadata: ours },
    ]);
    const hits = await store.query({ model: MODEL, values: recordAt(0).values, limit: 100 }, { signal });
    assert.deepEqual(
      hits.map(({ id }) => id),
      [`${owner.key}#0`],
    );
  });

  it('keeps a score within -1 to 1', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await store.upsert(owner, MODEL, [recordAt(0)], { signal });
    pinecone.fault('query', {
      change: ({ body, ...answer }) => {
        const { matches } = body as { matches: object[] };
        return { ...answer, body: { matches: matches.map((match) => ({ ...match, score: 1.000_000_1 })) } };
      },
    });
    const [hit] = await store.query({ model: MODEL, values: recordAt(0).values, limit: 1 }, { signal });
    assert.equal(hit?.score, 1);
  });
});
