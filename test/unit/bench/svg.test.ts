import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Plot } from '../../bench/report/section.ts';
import { svgOf } from '../../bench/report/svg.ts';

const PLOT: Plot = {
  id: 'plot',
  title: 'A title',
  x: 'videos',
  y: 'seconds & more',
  scale: 'log',
  series: [
    {
      name: 'ours',
      points: [
        [100, 3],
        [1000, 25],
        [5000, 160],
      ],
    },
    {
      name: 'theirs',
      points: [
        [100, 2],
        [1000, 30],
      ],
    },
  ],
};

describe('svgOf', () => {
  it('gives the same bytes each time, whatever was drawn before', () => {
    const first = svgOf(PLOT);
    svgOf({ ...PLOT, scale: 'linear', series: PLOT.series.slice(1) });
    assert.equal(svgOf(PLOT), first);
  });

  it('says what the axes and lines are, on a white ground', () => {
    const svg = svgOf(PLOT);
    for (const text of ['A title', 'videos', 'seconds &amp; more', 'ours', 'theirs', '1,000'])
      assert.ok(svg.includes(`>${text}</text>`), text);
    assert.match(svg, /<rect width="760" height="420" x="0" y="0" fill="#ffffff">/);
    assert.doesNotMatch(svg, /<style|class=|zr\d/);
  });

  it('draws a symbol for each point, and one for each line of the legend', () => {
    const count = (colour: string): number =>
      svgOf(PLOT).match(new RegExp(`fill="${colour}"`, 'g'))?.length ?? 0;
    assert.deepEqual([count('#0072b2'), count('#d55e00')], [3 + 1, 2 + 1]);
  });

  it('has powers of two on an axis whose figures lie close together', () => {
    const [line] = PLOT.series;
    const close: Plot = {
      ...PLOT,
      series: [
        {
          name: line?.name ?? '',
          points: [
            [100, 5],
            [5000, 3],
          ],
        },
      ],
    };
    assert.match(svgOf(close), />2<\/text>[^]*>4<\/text>[^]*>8<\/text>/);
  });
});
