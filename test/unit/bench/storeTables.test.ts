import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoreFigures } from '../../bench/store/figures.ts';
import { storePlots, storeTables } from '../../bench/store/tables.ts';

const FIGURES: StoreFigures = {
  calls: 100,
  sizes: [
    {
      ...{ videos: 2000, passages: 20_000, fileMb: 96.4, startMs: 1234, blockedMs: 8.3, serverMb: 156 },
      list: { p50: 1.18, p95: 7.06 },
      page: { p50: 0.746, p95: 1.6 },
      search: { p50: 40, p95: 53.04 },
      vectors: {
        ours: { p50: 24, p95: 30, peakMb: 120 },
        numpy: { p50: 2, p95: 3, peakMb: 60.4 },
        agreement: 0.9996,
      },
      save: { p50: 1.5, p95: 2.2 },
    },
  ],
};

describe('the tables and the plot of the embedded store', () => {
  it('have a line for each size', () => {
    const [store, vectors] = storeTables(FIGURES).map(({ markdown }) => markdown.split('\n').at(-1));
    assert.equal(
      store,
      '| 20,000 | 2,000 | 1.2 | 1.2 / 7.1 | 0.75 / 1.6 | 40.0 / 53.0 | 8 | 156 | 1.5 / 2.2 | 96 |',
    );
    assert.equal(vectors, '| 20,000 | 24.0 / 30.0 | 2.0 / 3.0 | 12.00 × | 120 | 60 | 100.0 % |');
  });

  it('are drawn against the number of passages', () => {
    const [plot] = storePlots(FIGURES);
    assert.deepEqual(
      plot?.series.map(({ points }) => points),
      [[[20_000, 53.04]], [[20_000, 30]], [[20_000, 3]], [[20_000, 1.5]]],
    );
  });
});
