import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Owner } from '../../jobrunner/contract/videoJob.ts';
import type { VectorHit, VectorRecord, VectorStore } from '../../jobrunner/ports.ts';

const signal = new AbortController().signal;
const MODEL = 'suite-model';

/** A vector of length one that points mostly along `axis`. */
export function unit(axis: number, dimensions: number): Float32Array {
  const values = new Float32Array(dimensions).fill(0.01);
  values[axis % dimensions] = 1;
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

export function vectorRecord(index: number, values: Float32Array): VectorRecord {
  return {
    index,
    values,
    metadata: {
      title: 'A demo',
      text: `passage ${index}`,
      start: index,
      end: index + 1,
      url: 'https://www.loom.com/share/x',
    },
  };
}

/**
 * What every VectorStore does, whichever service is behind it. `create` gives an empty store whose vectors have
 * `dimensions` numbers; `settled` waits until a query shows what was written, where that takes its time.
 */
export function vectorStoreSuite(
  name: string,
  dimensions: number,
  create: () => Promise<VectorStore>,
  settled: () => Promise<void> = () => Promise.resolve(),
): void {
  describe(`VectorStore: ${name}`, () => {
    let store: VectorStore;
    before(async () => {
      store = await create();
      await store.prepare(MODEL, dimensions, { signal });
    });
    after(() => store.close());

    let serial = 0;
    const newOwner = (): Owner => ({ key: `suite.default.video-${++serial}`, uid: `uid-${serial}` });
    const put = (owner: Owner, axes: readonly number[], model = MODEL): Promise<void> =>
      store.upsert(
        owner,
        model,
        axes.map((axis, index) => vectorRecord(index, unit(axis, dimensions))),
        { signal },
      );
    const query = async (axis: number, limit: number, model = MODEL): Promise<VectorHit[]> => {
      await settled();
      return store.query({ model, values: unit(axis, dimensions), limit }, { signal });
    };
    const ids = async (axis: number, limit = 100, model = MODEL): Promise<string[]> =>
      (await query(axis, limit, model)).map(({ id }) => id);
    const idsOf = async (owner: Owner, model = MODEL): Promise<string[]> =>
      (await ids(0, 100, model)).filter((id) => id.startsWith(`${owner.key}#`)).toSorted();

    it('finds the nearest first, with the id, the owner and a cosine', async () => {
      const owner = newOwner();
      await put(owner, [20, 21, 22]);
      const [first, second] = await query(21, 2);
      assert.equal(first?.id, `${owner.key}#1`);
      assert.deepEqual({ ...first.owner }, owner);
      assert.ok(Math.abs(first.score - 1) < 1e-3);
      assert.ok((second?.score ?? 1) < first.score);
    });

    it('is changed by nothing when the same is written twice', async () => {
      const owner = newOwner();
      await put(owner, [1, 2]);
      await put(owner, [1, 2]);
      assert.deepEqual(await idsOf(owner), [`${owner.key}#0`, `${owner.key}#1`]);
    });

    it('drops the tail of an earlier, longer run, whoever wrote it', async () => {
      const owner = newOwner();
      await put(owner, [1, 2, 3, 4]);
      await put({ ...owner, uid: 'recreated' }, [1, 2]);
      await store.deleteTail({ ...owner, uid: 'recreated' }, 2, { signal });
      assert.deepEqual(await idsOf(owner), [`${owner.key}#0`, `${owner.key}#1`]);
    });

    it('keeps apart keys of which one begins with the other', async () => {
      const owner = newOwner();
      const longer = { key: `${owner.key}0`, uid: 'longer' };
      await put(owner, [1, 2]);
      await put(longer, [1, 2]);
      await store.deleteTail(owner, 0, { signal });
      assert.deepEqual(await idsOf(owner), []);
      assert.equal((await idsOf(longer)).length, 2);
    });

    it('purges what this uid wrote, says how much, and nothing the second time', async () => {
      const owner = newOwner();
      await put(owner, [1, 2, 3]);
      assert.equal(await store.purge(owner, { signal }), 3);
      assert.deepEqual(await idsOf(owner), []);
      assert.equal(await store.purge(owner, { signal }), 0);
    });

    it('leaves alone what another uid wrote: a late purge of a deleted resource, a wrong owner', async () => {
      const old = newOwner();
      const recreated = { key: old.key, uid: 'recreated' };
      await put(old, [1, 2]);
      await put(recreated, [3, 4]);
      assert.equal(await store.purge(old, { signal }), 0);
      assert.equal((await idsOf(recreated)).length, 2);
    });

    it('leaves alone what the owner of another key or uid asks to purge', async () => {
      const owner = newOwner();
      await put(owner, [1, 2]);
      assert.equal(await store.purge({ key: owner.key, uid: 'stranger' }, { signal }), 0);
      assert.equal(await store.purge({ key: `${owner.key}-other`, uid: owner.uid }, { signal }), 0);
      assert.equal((await idsOf(owner)).length, 2);
    });

    it('purges of an old resource what the recreated one has not overwritten', async () => {
      const old = newOwner();
      const recreated = { key: old.key, uid: 'recreated' };
      await put(old, [1, 2, 3, 4]);
      await put(recreated, [5, 6]);
      assert.equal(await store.purge(old, { signal }), 2);
      assert.deepEqual(await idsOf(recreated), [`${old.key}#0`, `${old.key}#1`]);
    });

    it('holds a resource that is recreated after its deletion, under its new uid', async () => {
      const old = newOwner();
      const recreated = { key: old.key, uid: 'recreated' };
      await put(old, [1, 2, 3]);
      assert.equal(await store.purge(old, { signal }), 3);
      await put(recreated, [4]);
      const hit = (await query(4, 100)).find(({ owner }) => owner.key === old.key);
      assert.deepEqual(hit && { ...hit.owner }, recreated);
      assert.deepEqual(await idsOf(recreated), [`${old.key}#0`]);
    });

    it('keeps two resources of one video apart', async () => {
      const one = newOwner();
      const two = newOwner();
      await put(one, [5]);
      await put(two, [5]);
      assert.equal((await idsOf(one)).length, 1);
      assert.equal((await idsOf(two)).length, 1);
      await store.deleteTail(one, 0, { signal });
      await store.purge(one, { signal });
      assert.deepEqual(await idsOf(one), []);
      assert.equal((await idsOf(two)).length, 1);
    });

    it('answers a query with vectors of its own model only, and replaces those of an earlier one', async () => {
      const owner = newOwner();
      await put(owner, [1, 2], 'earlier-model');
      assert.deepEqual(await idsOf(owner), []);
      assert.equal((await idsOf(owner, 'earlier-model')).length, 2);
      await put(owner, [1, 2]);
      assert.equal((await idsOf(owner)).length, 2);
      assert.deepEqual(await idsOf(owner, 'earlier-model'), []);
    });

    it('leaves nothing of an earlier model behind, however many vectors it gave', async () => {
      const owner = newOwner();
      await put(owner, [1, 2, 3, 4], 'earlier-model');
      await put(owner, [1, 2]);
      await store.deleteTail(owner, 2, { signal });
      assert.equal((await idsOf(owner)).length, 2);
      assert.deepEqual(await idsOf(owner, 'earlier-model'), []);
      assert.equal(await store.purge(owner, { signal }), 2);
    });

    it('has nothing to remove where nothing was stored', async () => {
      const owner = newOwner();
      await store.deleteTail(owner, 0, { signal });
      assert.equal(await store.purge(owner, { signal }), 0);
    });

    it('takes no more than it was asked for', async () => {
      assert.ok((await ids(1, 2)).length <= 2);
    });

    it('refuses what is no number before anything is written', async () => {
      const owner = newOwner();
      const broken = unit(1, dimensions);
      broken[3] = Number.NaN;
      await assert.rejects(
        store.upsert(owner, MODEL, [vectorRecord(0, unit(0, dimensions)), vectorRecord(1, broken)], {
          signal,
        }),
        { name: 'StageError' },
      );
      assert.deepEqual(await idsOf(owner), []);
    });

    it('does nothing once it is aborted', async () => {
      const owner = newOwner();
      const aborted = AbortSignal.abort();
      await assert.rejects(
        store.upsert(owner, MODEL, [vectorRecord(0, unit(0, dimensions))], { signal: aborted }),
        {
          reason: 'Interrupted',
        },
      );
      assert.deepEqual(await idsOf(owner), []);
    });
  });
}
