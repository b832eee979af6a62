import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import { runWorkers, type WorkersOptions } from '../../../controller/kubernetes/queue/runWorkers.ts';
import { workQueue, type WorkQueue } from '../../../controller/kubernetes/queue/workQueue.ts';
import { keptLog } from './keptLog.ts';
import { until } from './until.ts';

let stop: AbortController;
let queue: WorkQueue;
const { log, messages } = keptLog();

beforeEach(() => {
  stop = new AbortController();
  queue = workQueue({ clock: systemClock, random: () => 0, backoff: { baseMs: 4, maxMs: 16 } });
});
afterEach(() => stop.abort());

const run = (work: WorkersOptions['work'], options: Partial<WorkersOptions> = {}): Promise<void> =>
  runWorkers({ queue, concurrency: 2, work, log, signal: stop.signal, graceMs: 10_000, ...options });

describe('workers', () => {
  it('work on as many keys at once as they are, and on each key once at a time', async () => {
    let running = 0;
    let most = 0;
    const seen: string[] = [];
    for (const key of ['a', 'b', 'c', 'd', 'a']) queue.add(key);
    const ended = run(async (key) => {
      most = Math.max(most, ++running);
      seen.push(key);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return {};
    });
    await until('all done', () => seen.length === 4 && running === 0);
    assert.deepEqual([seen, most], [['a', 'b', 'c', 'd'], 2]);
    stop.abort();
    await ended;
  });

  it('come back to a key when its work says so', async () => {
    let times = 0;
    void run(async () => (++times < 3 ? { againAfterMs: 3 } : {}));
    queue.add('a');
    await until('three times', () => times === 3);
    assert.deepEqual([queue.depth, queue.delayed], [0, 0]);
  });

  it('try again what failed, and forget its failures once it succeeds', async () => {
    const failures: number[] = [];
    void run(async (key) => {
      failures.push(queue.failures(key));
      if (failures.length < 4) throw new Error(`the secret is\nout`);
      return {};
    });
    queue.add('a');
    await until('four times', () => failures.length === 4);
    await until('forgotten', () => queue.failures('a') === 0);
    assert.deepEqual(failures, [0, 1, 2, 3]);
    assert.match(messages().join('\n'), /Work on a failed: the secret is out/);
  });

  it('wait as long as a failure asks', async () => {
    let failedAt = 0;
    let waited = 0;
    void run(
      async () => {
        if (failedAt > 0) waited = performance.now() - failedAt;
        else {
          failedAt = performance.now();
          throw new Error('slow down');
        }
        return {};
      },
      { retryAfterMs: () => 60 },
    );
    queue.add('a');
    await until('again', () => waited > 0);
    assert.ok(waited >= 59, `${waited} ms`);
  });

  it('begin nothing more once they are stopped, and finish what they have', async () => {
    const finish = Promise.withResolvers<void>();
    const seen: string[] = [];
    const ended = run(
      async (key, signal) => {
        seen.push(key);
        await finish.promise;
        assert.equal(signal.aborted, false);
        return {};
      },
      { concurrency: 1 },
    );
    queue.add('a');
    queue.add('b');
    await until('a began', () => seen.length === 1);
    stop.abort();
    finish.resolve();
    await ended;
    assert.deepEqual([seen, queue.depth], [['a'], 1]);
  });

  it('stop work that outlasts the grace, and do not count that as a failure', async () => {
    let reason: unknown;
    const ended = run(
      async (_key, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reason = signal.reason;
        return signal.throwIfAborted() ?? {};
      },
      { graceMs: 20 },
    );
    queue.add('a');
    await until('began', () => queue.depth === 0);
    stop.abort();
    await ended;
    assert.match(String(reason), /not finished within 0.02 s/);
    assert.equal(queue.failures('a'), 0);
  });

  it('that are stopped before they begin do nothing', async () => {
    stop.abort();
    queue.add('a');
    await run(async () => assert.fail('worked'));
    assert.equal(queue.depth, 1);
  });
});
