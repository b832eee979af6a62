import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Owner } from '../../jobrunner/contract/videoJob.ts';
import type { VectorStore } from '../../jobrunner/ports.ts';
import { FAULTS } from '../support/services/pinecone/faults.ts';
import { MODEL, openPinecone, putForeign, recordAt } from '../support/services/pinecone/openStore.ts';
import type { PineconeStandIn } from '../support/services/pinecone/startPinecone.ts';

const signal = new AbortController().signal;
const owner = { key: 'cluster.default.video', uid: 'uid-1' };

const put = (store: VectorStore, whose: Owner, indexes: Iterable<number>): Promise<void> =>
  store.upsert(
    whose,
    MODEL,
    Array.from(indexes, (index) => recordAt(index)),
    { signal },
  );
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
const ids = (pinecone: PineconeStandIn): string[] =>
  pinecone
    .vectors()
    .map(({ id }) => id)
    .toSorted();

/** Ids that begin like ours, or are ours in the eyes of a careless reader. */
const FOREIGN = [
  `${owner.key}0#1`,
  `${owner.key}.more#1`,
  `${owner.key}#x`,
  `${owner.key}#01`,
  `${owner.key}#1#2`,
  'else',
];

describe('Pinecone: deleteTail', () => {
  it('removes the tail however long it is: within one request of ids, and beyond by listing', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await put(store, owner, [...range(0, 250), ...range(1500, 1800)]);
    await store.deleteTail(owner, 2, { signal });
    assert.deepEqual(ids(pinecone), [`${owner.key}#0`, `${owner.key}#1`]);
    assert.ok(pinecone.count('list') > 3);
  });

  it('needs two requests for a video of ordinary length', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await put(store, owner, range(0, 90));
    await store.deleteTail(owner, 60, { signal });
    assert.equal(pinecone.count('delete'), 1);
    assert.equal(pinecone.count('list'), 1);
    assert.equal(pinecone.vectors().length, 60);
  });

  it('leaves nothing behind that no read shows yet', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    pinecone.hold();
    await put(store, owner, range(0, 120));
    await store.deleteTail(owner, 3, { signal });
    pinecone.settle();
    assert.equal(pinecone.vectors().length, 3);
  });

  it('touches nothing of other keys, nor what is not of our making', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await putForeign(
      pinecone,
      FOREIGN.map((id) => ({ id })),
    );
    await store.deleteTail(owner, 0, { signal });
    assert.deepEqual(ids(pinecone), FOREIGN.toSorted());
  });
});

describe('Pinecone: purge', () => {
  it('removes all pages of what the uid wrote and counts it', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await put(store, owner, range(0, 350));
    assert.equal(await store.purge(owner, { signal }), 350);
    assert.deepEqual(pinecone.vectors(), []);
    for (const { request } of pinecone.calls)
      assert.ok(request.path.length + request.query.toString().length < 5000);
  });

  it('keeps the URL of a fetch short, however long the key', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    const long = { key: `cluster.default.${'v'.repeat(253)}`, uid: 'uid-1' };
    await put(store, long, range(0, 60));
    assert.equal(await store.purge(long, { signal }), 60);
    const fetches = pinecone.calls.filter(({ operation }) => operation === 'fetch');
    for (const { request } of fetches) assert.ok(request.query.toString().length < 4500);
  });

  it('removes what a run wrote just before it was killed, which no read shows yet', async (t) => {
    const { pinecone, store } = await openPinecone(t, { store: { settleMs: 80 } });
    pinecone.lag(40);
    await put(store, owner, range(0, 5));
    assert.equal(await store.purge(owner, { signal }), 5);
    assert.deepEqual(pinecone.vectors(), []);
  });

  it('counts a vector once that is still shown after it was deleted', async (t) => {
    const { pinecone, store } = await openPinecone(t, { store: { settleMs: 20 } });
    await put(store, owner, range(0, 5));
    await store.query({ model: MODEL, values: recordAt(0).values, limit: 1 }, { signal });
    pinecone.lag(50);
    assert.equal(await store.purge(owner, { signal }), 5);
    assert.ok(pinecone.count('delete') > 1);
  });

  it('looks twice, the first time at once, and no more where there is nothing', async (t) => {
    const { pinecone, store } = await openPinecone(t, { store: { settleMs: 60 } });
    const started = performance.now();
    assert.equal(await store.purge(owner, { signal }), 0);
    assert.ok(performance.now() - started >= 55);
    assert.equal(pinecone.count('list'), 2);
  });

  it('stops waiting when it is aborted', async (t) => {
    const { store } = await openPinecone(t, { store: { settleMs: 60_000 } });
    const abort = new AbortController();
    const purged = store.purge(owner, { signal: abort.signal });
    await sleep(100);
    abort.abort();
    await assert.rejects(purged, { reason: 'Interrupted' });
  });

  it('leaves what others wrote: another uid, other keys, foreign data under our ids', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await put(store, owner, [0, 1]);
    await put(store, { ...owner, uid: 'uid-2' }, [2]);
    await putForeign(pinecone, [
      ...FOREIGN.map((id) => ({ id, metadata: { uid: owner.uid } })),
      { id: `${owner.key}#3` },
      { id: `${owner.key}#4`, metadata: { uid: 7 } },
    ]);
    assert.equal(await store.purge(owner, { signal }), 2);
    assert.deepEqual(
      ids(pinecone),
      [...FOREIGN, ...[2, 3, 4].map((index) => `${owner.key}#${index}`)].toSorted(),
    );
  });

  it('does not read a page that leads to itself for ever', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    pinecone.fault('list', {
      times: 10,
      change: () => ({ status: 200, body: { vectors: [], pagination: { next: '' } } }),
    });
    assert.equal(await store.purge(owner, { signal }), 0);
    pinecone.clearFaults();
    pinecone.fault('list', {
      times: 10,
      change: () => ({ status: 200, body: { vectors: [], pagination: { next: 'eyJhZnRlciI6ImEifQ==' } } }),
    });
    await assert.rejects(store.purge(owner, { signal }), { reason: 'StoreUnavailable' });
  });
});

describe('Pinecone: before the first upsert there is no namespace', () => {
  for (const operation of ['list', 'fetch', 'delete', 'query'])
    it(`and ${operation} that says so finds nothing, instead of failing`, async (t) => {
      const { pinecone, store } = await openPinecone(t);
      if (operation === 'fetch') await put(store, owner, [0]);
      pinecone.fault(operation, { ...FAULTS.namespaceMissing(), times: 10 });
      assert.deepEqual(
        await store
          .query({ model: MODEL, values: recordAt(0).values, limit: 1 }, { signal })
          .then((hits) => (operation === 'query' ? hits : [])),
        [],
      );
      assert.equal(await store.purge(owner, { signal }), 0);
      await store.deleteTail(owner, 0, { signal });
    });

  it('but an upsert that is told so has failed', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    pinecone.fault('upsert', FAULTS.namespaceMissing());
    await assert.rejects(put(store, owner, [0]), { name: 'StageError' });
  });
});

describe('Pinecone: a request that took effect while its answer was lost', () => {
  const lost = { cutAfter: 0, takesEffect: true } as const;

  it('is repeated without doubling anything', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    pinecone.fault('upsert', lost);
    await assert.rejects(put(store, owner, range(0, 4)), { reason: 'StoreUnavailable' });
    assert.equal(pinecone.vectors().length, 4);
    await put(store, owner, range(0, 4));
    assert.equal(pinecone.vectors().length, 4);

    pinecone.fault('delete', lost);
    await assert.rejects(store.deleteTail(owner, 2, { signal }), { reason: 'StoreUnavailable' });
    await store.deleteTail(owner, 2, { signal });
    assert.equal(pinecone.vectors().length, 2);

    pinecone.fault('delete', lost);
    await assert.rejects(store.purge(owner, { signal }), { reason: 'StoreUnavailable' });
    await store.purge(owner, { signal });
    assert.deepEqual(pinecone.vectors(), []);
  });
});
