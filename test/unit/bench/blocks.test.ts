import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blocksOf, plotsOf } from '../../bench/report/blocks.ts';
import type { Results } from '../../bench/report/results.ts';

const RESULTS: Results = {
  controller: {
    measuredAt: '2026-11-24T14:03:59.999Z',
    commit: '0123456789+',
    machine: { processor: 'A processor', cores: 2, memoryMb: 24_106, kernel: 'Linux 6', node: 'v24.21.0' },
    tookSeconds: 99,
    figures: { stageMs: 0, sizes: [] },
  },
};

describe('what stands between the markers', () => {
  it('is there for every id, also while nothing is measured', () => {
    const blocks = blocksOf({});
    assert.deepEqual([...blocks.keys()].toSorted(), [
      ...['controller', 'controller-plots', 'load', 'load-plots', 'measured', 'pipeline', 'pipeline-plots'],
      ...['store', 'store-plots', 'store-vectors', 'summary'],
    ]);
    assert.equal(blocks.get('store-vectors'), 'Not measured yet: `npm run bench -- store`.');
    assert.deepEqual(plotsOf({}), []);
  });

  it('says when and on what each part was measured', () => {
    const lines = blocksOf(RESULTS).get('measured')?.split('\n') ?? [];
    assert.ok(
      lines.includes(
        '| `controller` | 2026-11-24 14:03 UTC | `0123456789+` | 1.7 min | 2 cores of A processor, 24,106 MB, Linux 6, Node v24.21.0 |',
      ),
      lines.join('\n'),
    );
    assert.ok(lines.includes('| `load` | – | – | – | – |'));
  });

  it('shows the plots that there are', () => {
    const images = blocksOf(RESULTS).get('controller-plots');
    for (const { id, title } of plotsOf(RESULTS)) assert.ok(images?.includes(`![${title}](${id}.svg)`), id);
    assert.equal(plotsOf(RESULTS).length, 4);
  });
});
