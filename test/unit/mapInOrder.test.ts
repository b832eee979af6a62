import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mapInOrder } from '../../common/mapInOrder.ts';

const signal = new AbortController().signal;

async function collect<T>(answers: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}

/** Work that is done by hand: `finish(n)` ends that of item n. */
function byHand() {
  const open = new Map<number, PromiseWithResolvers<number>>();
  const started: number[] = [];
  return {
    started,
    finish: (item: number) => open.get(item)?.resolve(item * 10),
    fail: (item: number) => open.get(item)?.reject(new Error(`item ${item}`)),
    work: (item: number, ours: AbortSignal): Promise<number> => {
      started.push(item);
      const settle = Promise.withResolvers<number>();
      ours.addEventListener('abort', () => settle.reject(new Error(`aborted ${item}`)));
      open.set(item, settle);
      return settle.promise;
    },
  };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mapInOrder', () => {
  it('gives results in order, whatever the order in which they end', async () => {
    const hand = byHand();
    const all = collect(mapInOrder([1, 2, 3], { concurrency: 3, signal }, hand.work));
    for (const item of [3, 1, 2]) {
      await tick();
      hand.finish(item);
    }
    assert.deepEqual(await all, [10, 20, 30]);
  });

  it('has no more under way than it may', async () => {
    const hand = byHand();
    const all = collect(mapInOrder([1, 2, 3, 4], { concurrency: 2, signal }, hand.work));
    await tick();
    assert.deepEqual(hand.started, [1, 2]);
    hand.finish(2);
    await tick();
    assert.deepEqual(hand.started, [1, 2], 'the first is still awaited');
    hand.finish(1);
    await tick();
    assert.deepEqual(hand.started, [1, 2, 3, 4]);
    hand.finish(3);
    hand.finish(4);
    assert.deepEqual(await all, [10, 20, 30, 40]);
  });

  it('begins nothing after a failure, and aborts and awaits what is under way', async () => {
    const hand = byHand();
    const all = collect(mapInOrder([1, 2, 3, 4], { concurrency: 2, signal }, hand.work));
    await tick();
    hand.fail(1);
    await assert.rejects(all, /item 1/);
    assert.deepEqual(hand.started, [1, 2]);
  });

  it('takes no items at all', async () => {
    const nothing: number[] = [];
    assert.deepEqual(await collect(mapInOrder(nothing, { concurrency: 2, signal }, byHand().work)), []);
  });
});
