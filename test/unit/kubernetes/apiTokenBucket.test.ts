import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenBucket } from '../../../controller/kubernetes/api/tokenBucket.ts';

let ms = 0;
const clock = { now: () => new Date(ms) };
const times = (n: number, turn: () => number): number[] => Array.from({ length: n }, turn);

describe('a token bucket', () => {
  it('lets a burst go at once, then as many a second as it may', () => {
    const turn = tokenBucket({ qps: 10, burst: 3, clock });
    assert.deepEqual(times(5, turn), [0, 0, 0, 100, 200]);
  });

  it('fills up again to a burst, and no more', () => {
    const turn = tokenBucket({ qps: 10, burst: 3, clock });
    times(3, turn);
    ms += 100;
    assert.deepEqual(times(2, turn), [0, 100]);
    ms += 3_600_000;
    assert.deepEqual(times(4, turn), [0, 0, 0, 100]);
  });

  it('is not stopped by a clock that is set back', () => {
    const turn = tokenBucket({ qps: 10, burst: 1, clock });
    turn();
    ms -= 3_600_000;
    assert.equal(turn(), 100);
    ms += 1000;
    assert.equal(turn(), 0);
  });

  it('without a limit never waits', () => {
    const turn = tokenBucket({ qps: Infinity, burst: 1, clock });
    assert.deepEqual(times(3, turn), [0, 0, 0]);
  });
});
