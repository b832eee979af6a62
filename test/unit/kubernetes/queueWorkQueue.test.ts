import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import { backoff } from '../../../controller/kubernetes/queue/backoff.ts';
import { workQueue, type WorkQueue } from '../../../controller/kubernetes/queue/workQueue.ts';

const { signal } = new AbortController();
const told: string[] = [];
let queue: WorkQueue;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  told.length = 0;
  queue = workQueue({
    clock: systemClock,
    random: () => 0,
    observer: {
      added: () => told.push('added'),
      taken: (seconds) => told.push(`taken after ${seconds} s`),
      finished: (seconds) => told.push(`finished after ${seconds} s`),
      retried: () => told.push('retried'),
    },
  });
});
afterEach(() => mock.timers.reset());

/** All that can be taken now, in order. */
async function takeAll(): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) keys.push(await queue.next(signal));
  return keys;
}

describe('a work queue', () => {
  it('gives keys in the order they came, each once while it waits', async () => {
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    assert.equal(queue.depth, 3);
    assert.deepEqual(await takeAll(), ['a', 'b', 'c']);
  });

  it('gives a key that is being worked on to nobody else, and again once it is done', async () => {
    queue.add('a');
    assert.equal(await queue.next(signal), 'a');
    queue.add('a');
    queue.add('a');
    queue.add('b');
    assert.deepEqual(await takeAll(), ['b']);
    queue.done('a');
    assert.deepEqual(await takeAll(), ['a']);
    queue.done('a');
    assert.equal(queue.depth, 0);
  });

  it('gives a key that was added again its turn after those that waited', async () => {
    queue.add('busy');
    await queue.next(signal);
    queue.add('busy');
    queue.add('b');
    queue.done('busy');
    assert.deepEqual(await takeAll(), ['b', 'busy']);
  });

  it('wakes those that wait, first come first served', async () => {
    const first = queue.next(signal);
    const second = queue.next(signal);
    queue.add('a');
    queue.add('b');
    assert.deepEqual(await Promise.all([first, second]), ['a', 'b']);
  });

  it('loses no key to one that has stopped waiting', async () => {
    const impatient = new AbortController();
    const left = queue.next(impatient.signal);
    const stays = queue.next(signal);
    impatient.abort(new Error('enough'));
    await assert.rejects(left, /enough/);
    queue.add('a');
    assert.equal(await stays, 'a');
    await assert.rejects(queue.next(impatient.signal), /enough/);
  });

  it('takes no notice of a done without a next', () => {
    queue.done('a');
    assert.equal(queue.depth, 0);
  });
});

describe('new work', () => {
  it('goes ahead of the rest, in the order it came', async () => {
    for (const key of ['a', 'b']) queue.add(key);
    for (const key of ['c', 'd']) queue.add(key, 'new');
    assert.equal(queue.depth, 4);
    assert.deepEqual(await takeAll(), ['c', 'd', 'a', 'b']);
  });

  it('may be a key that waits among the rest; the other way round nothing changes', async () => {
    for (const key of ['a', 'b']) queue.add(key);
    queue.add('b', 'new');
    queue.add('b');
    assert.deepEqual(await takeAll(), ['b', 'a']);
    assert.equal(told.filter((what) => what === 'added').length, 2);
  });

  it('may be a key that is being worked on', async () => {
    queue.add('a');
    await queue.next(signal);
    queue.add('a');
    queue.add('b');
    queue.add('a', 'new');
    queue.done('a');
    assert.deepEqual(await takeAll(), ['a', 'b']);
    assert.equal(told.filter((what) => what === 'added').length, 3);
  });

  it('does not stop the rest, however much of it comes', async () => {
    queue.add('usual');
    const taken: string[] = [];
    for (let i = 0; !taken.includes('usual'); i++) {
      queue.add(`new-${i}`, 'new');
      queue.add(`newer-${i}`, 'new');
      taken.push(await queue.next(signal));
    }
    assert.equal(taken.length, 8);
  });
});

describe('later', () => {
  for (const [what, waits, due] of [
    ['a key comes when its time has come', [500], 500],
    ['the earliest of several times counts', [500, 200, 900], 200],
    ['a time that is past is now', [-5], 0],
    ['no number is now', [Number.NaN], 0],
    ['a time beyond what a timer can do is waited out', [3_000_000_000], 3_000_000_000],
  ] as const)
    it(what, () => {
      for (const ms of waits) queue.addAfter('a', ms);
      if (due > 0) {
        assert.deepEqual([queue.depth, queue.delayed], [0, 1]);
        // In steps, as the mock's timers end where they are set for longer than Node's can be.
        for (let passed = 0; passed < due - 1; passed += 2_000_000_000)
          mock.timers.tick(Math.min(2_000_000_000, due - 1 - passed));
        assert.equal(queue.depth, 0);
        mock.timers.tick(1);
      }
      assert.deepEqual([queue.depth, queue.delayed], [1, 0]);
    });

  it('does not hold up what comes now', async () => {
    queue.addAfter('a', 500);
    queue.add('a');
    assert.deepEqual(await takeAll(), ['a']);
    queue.done('a');
    mock.timers.tick(500);
    assert.deepEqual(await takeAll(), ['a']);
  });

  it('wakes one that waits', async () => {
    const next = queue.next(signal);
    queue.addAfter('a', 10);
    mock.timers.tick(10);
    assert.equal(await next, 'a');
  });
});

describe('failures', () => {
  for (const [failures, random, ms] of [
    [1, 0, 100],
    [1, 1, 200],
    [2, 1, 400],
    [5, 1, 3200],
    [9, 1, 51_200],
    [10, 1, 60_000],
    [10, 0, 30_000],
    [5000, 1, 60_000],
  ] as const)
    it(`number ${failures} in a row waits ${ms} ms, of all that chance may give`, () =>
      assert.equal(
        backoff(failures, () => random),
        ms,
      ));

  it('of a key grow its wait until it is forgotten', () => {
    const waited = (): number => {
      queue.addRateLimited('a');
      let ms = 0;
      for (; queue.depth === 0; ms += 50) mock.timers.tick(50);
      void queue.next(signal);
      queue.done('a');
      return ms;
    };
    assert.deepEqual([waited(), waited(), waited()], [100, 200, 400]);
    assert.equal(queue.failures('a'), 3);
    queue.forget('a');
    assert.deepEqual([queue.failures('a'), waited()], [0, 100]);
  });

  it('wait at least as long as was asked', () => {
    queue.addRateLimited('a', 5000);
    mock.timers.tick(4999);
    assert.equal(queue.depth, 0);
    mock.timers.tick(1);
    assert.equal(queue.depth, 1);
  });
});

describe('what a queue tells', () => {
  it('how long keys wait and work takes', async () => {
    queue.add('a');
    mock.timers.tick(1500);
    await queue.next(signal);
    queue.add('a');
    mock.timers.tick(2000);
    queue.done('a');
    await queue.next(signal);
    queue.addRateLimited('a');
    assert.deepEqual(told, [
      'added',
      'taken after 1.5 s',
      'added',
      'finished after 2 s',
      'taken after 2 s',
      'retried',
    ]);
  });

  it('how long the oldest work has been under way', async () => {
    assert.equal(queue.longestRunning(), 0);
    queue.add('a');
    await queue.next(signal);
    mock.timers.tick(1000);
    queue.add('b');
    await queue.next(signal);
    mock.timers.tick(1000);
    assert.equal(queue.longestRunning(), 2);
    queue.done('a');
    assert.equal(queue.longestRunning(), 1);
  });
});
