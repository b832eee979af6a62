import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pineconeVectorStore } from '../../jobrunner/adapters/pinecone/pineconeVectorStore.ts';
import { MODEL, openPinecone, recordAt, storeOn } from '../support/services/pinecone/openStore.ts';
import { startPinecone, type PineconeIndex } from '../support/services/pinecone/startPinecone.ts';

const signal = new AbortController().signal;

describe('Pinecone: what an index must be', () => {
  const cases: {
    name: string;
    index: Partial<PineconeIndex>;
    by?: readonly ('host' | 'name')[];
    reason: string;
    message: RegExp;
  }[] = [
    {
      name: 'of the model’s dimension: both numbers, the index and the way out are told',
      index: { dimension: 1536 },
      reason: 'StoreMisconfigured',
      message:
        /"loomvideo" holds vectors of 1536 numbers, and unit-model gives 8.*PINECONE_INDEX.*spec\.embedding\.dimensions to 1536/,
    },
    {
      name: 'of a metric whose score is a cosine',
      index: { metric: 'euclidean' },
      reason: 'StoreMisconfigured',
      message: /compares by euclidean.*dimension 8 and metric cosine/,
    },
    {
      name: 'for dense vectors',
      index: { vectorType: 'sparse' },
      reason: 'StoreMisconfigured',
      message: /sparse vectors/,
    },
    {
      name: 'for vectors, not documents',
      index: { vectorType: 'documents' },
      by: ['name'],
      reason: 'StoreMisconfigured',
      message: /made for documents/,
    },
    {
      name: 'able to list ids',
      index: { pod: true },
      by: ['name'],
      reason: 'StoreMisconfigured',
      message: /pod-based.*serverless/,
    },
    {
      name: 'ready, for which one may wait',
      index: { state: 'Initializing' },
      by: ['name'],
      reason: 'StoreUnavailable',
      message: /not ready yet \(Initializing\)/,
    },
    {
      name: 'in order, for which no waiting helps',
      index: { state: 'InitializationFailed' },
      by: ['name'],
      reason: 'StoreMisconfigured',
      message: /out of order \(InitializationFailed\)/,
    },
  ];
  for (const { name, index, by, reason, message } of cases)
    for (const way of by ?? (['host', 'name'] as const))
      it(`${name} (by ${way})`, async (t) => {
        const { pinecone, store } = await openPinecone(t, { by: way, standIn: index });
        await assert.rejects(store.prepare(MODEL, 8, { signal }), { reason, message });
        assert.equal(pinecone.calls.length, 1);
        assert.equal(pinecone.count('upsert'), 0);
      });

  for (const metric of ['cosine', 'dotproduct'] as const)
    for (const by of ['host', 'name'] as const)
      it(`takes an index of metric ${metric} (by ${by})`, async (t) => {
        const { store } = await openPinecone(t, { by, standIn: { metric } });
        await store.prepare(MODEL, 8, { signal });
      });
});

describe('Pinecone: where an index is', () => {
  it('never asks the control plane where the host is given', async (t) => {
    const { pinecone, store } = await openPinecone(t, { by: 'host' });
    await store.prepare(MODEL, 8, { signal });
    await store.upsert({ key: 'a.b.c', uid: 'u' }, MODEL, [recordAt(0)], { signal });
    assert.equal(pinecone.count('describeIndex'), 0);
  });

  it('looks a name up once for many calls', async (t) => {
    const { pinecone, store } = await openPinecone(t, { by: 'name' });
    for (const index of [0, 1, 2])
      await store.upsert({ key: 'a.b.c', uid: 'u' }, MODEL, [recordAt(index)], { signal });
    assert.equal(pinecone.count('describeIndex'), 1);
    assert.equal(pinecone.count('upsert'), 3);
  });

  it('names PINECONE_INDEX where there is no index of that name', async (t) => {
    const { store } = await openPinecone(t, { by: 'name', store: { index: 'nothing-here' } });
    await assert.rejects(store.prepare(MODEL, 8, { signal }), {
      reason: 'StoreMisconfigured',
      message: /no Pinecone index "nothing-here".*PINECONE_INDEX.*metric cosine/,
    });
  });

  it('finds an index again that was made anew at another address', async (t) => {
    const { pinecone, store } = await openPinecone(t, { by: 'name' });
    const moved = await startPinecone();
    t.after(() => moved.close());
    const query = { model: MODEL, values: recordAt(0).values, limit: 1 };
    const old = await startPinecone();
    t.after(() => old.close());
    pinecone.change({ host: old.url });
    await store.query(query, { signal });
    old.drop();
    pinecone.change({ host: moved.url });
    await assert.rejects(store.query(query, { signal }), { reason: 'StoreUnavailable' });
    await store.query(query, { signal });
    assert.equal(moved.count('query'), 1);
  });

  it('finds it again where nothing listens any more', async (t) => {
    const { pinecone, store } = await openPinecone(t, { by: 'name' });
    const query = { model: MODEL, values: recordAt(0).values, limit: 1 };
    const old = await startPinecone();
    pinecone.change({ host: old.url });
    await store.query(query, { signal });
    await old.close();
    pinecone.change({ host: pinecone.url });
    await assert.rejects(store.query(query, { signal }), { reason: 'StoreUnavailable' });
    await store.query(query, { signal });
  });

  it('says so, and does not wait for ever, where nothing is at the address just looked up', async (t) => {
    const { pinecone, store } = await openPinecone(t, { by: 'name' });
    const gone = await startPinecone();
    t.after(() => gone.close());
    gone.drop();
    pinecone.change({ host: gone.url });
    await assert.rejects(store.query({ model: MODEL, values: recordAt(0).values, limit: 1 }, { signal }), {
      reason: 'StoreMisconfigured',
    });
  });

  it('names PINECONE_HOST where nothing is there', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    pinecone.drop();
    await assert.rejects(store.prepare(MODEL, 8, { signal }), {
      reason: 'StoreMisconfigured',
      message: /PINECONE_HOST/,
    });
  });

  for (const [variable, option] of [
    ['PINECONE_HOST', 'host'],
    ['PINECONE_CONTROLLER_HOST', 'controllerHost'],
  ] as const)
    for (const value of ['my-index.svc.pinecone.io', 'ftp://x', 'https://user:hunter22@x', ''])
      it(`refuses ${JSON.stringify(value)} as ${variable} when it is made, and does not repeat it`, async (t) => {
        const pinecone = await startPinecone();
        t.after(() => pinecone.close());
        assert.throws(
          () => storeOn(pinecone, 'host', { [option]: value }),
          (error: Error & { reason?: string }) =>
            error.reason === 'ConfigurationInvalid' &&
            error.message.startsWith(variable) &&
            !error.message.includes('hunter22'),
        );
      });

  it('connects to nobody when it is made', () => {
    const store = pineconeVectorStore({
      apiKey: 'k',
      index: 'i',
      host: 'http://127.0.0.1:1/',
      namespace: 'n',
      settleMs: 1,
      timeoutMs: 1,
      clock: { now: () => new Date() },
      redact: (text) => text,
    });
    assert.equal(store.kind, 'pinecone');
  });
});
