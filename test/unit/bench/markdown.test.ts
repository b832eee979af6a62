import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figure, medianOf, ratio, spreadOf, table } from '../../bench/report/markdown.ts';

describe('the tables of the benchmarks', () => {
  it('have a head, a rule and rows', () => {
    assert.equal(table(['', 'a'], [['x', '1']]), '|  | a |\n|---|---|\n| x | 1 |');
  });

  it('show figures with their digits and in thousands, and a dash for none', () => {
    assert.equal(figure(12_345.678, 1), '12,345.7');
    assert.equal(figure(2), '2');
    assert.equal(figure(undefined, 2), '–');
    assert.equal(figure(Number.NaN), '–');
  });

  it('show a ratio where both sides are known', () => {
    assert.equal(ratio(3, 4), '0.75 ×');
    assert.equal(ratio(undefined, 4), '–');
    assert.equal(ratio(3, 0), '–');
  });

  it('show the spread of several runs and the figure of one', () => {
    assert.equal(spreadOf([3, 1, 2], 1), '2.0 (1.0–3.0)');
    assert.equal(spreadOf([3], 0), '3');
    assert.equal(spreadOf([], 0), '–');
  });

  it('take the middle of an odd number and the mean of the middle two', () => {
    assert.equal(medianOf([5, 1, 3]), 3);
    assert.equal(medianOf([4, 1, 3, 2]), 2.5);
    assert.equal(medianOf([]), undefined);
  });
});
