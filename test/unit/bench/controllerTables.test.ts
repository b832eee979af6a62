import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ControllerFigures, ControllerRun } from '../../bench/controller/figures.ts';
import { controllerPlots, controllerTables } from '../../bench/controller/tables.ts';

const run = (seconds: number, more: Partial<ControllerRun> = {}): ControllerRun => ({
  ...{
    seconds,
    creationSeconds: 1,
    cpuSeconds: 2,
    apiserverCpuSeconds: 4,
    idleMb: 80,
    peakMb: 100,
    endMb: 90,
  },
  toJobMs: { p50: 1000, p99: 2500 },
  requests: { 'POST jobs': 1, 'APPLY loomvideos/status': 2, 'GET jobs': 0.5 },
  ...more,
});

const FIGURES: ControllerFigures = {
  stageMs: 0,
  sizes: [
    {
      videos: 1000,
      peers: [
        { peer: 'ours', runs: [run(20, { reconciles: 4.6, deletedMb: 85 }), run(30), run(22)] },
        { peer: 'go', runs: [run(44, { peakMb: 50 })] },
      ],
    },
    { videos: 5000, peers: [{ peer: 'go', runs: [run(200)] }] },
  ],
};

describe('controllerTables', () => {
  it('has one table to a number of videos, with medians, spreads and ratios', () => {
    const [{ id, markdown } = { id: '', markdown: '' }] = controllerTables(FIGURES);
    const [first = '', second = ''] = markdown.split('\n\n');
    const lines = first.split('\n');
    assert.equal(id, 'controller');
    assert.equal(
      lines[0],
      '| 1,000 videos | ours, 3 runs | controller-runtime (Go), 1 run | ours to controller-runtime (Go) |',
    );
    for (const line of [
      '| time to all Ready, s | 22.0 (20.0–30.0) | 44.0 | 0.50 × |',
      '| … p99, s | 2.50 (2.50–2.50) | 2.50 | 1.00 × |',
      '| writes per video | 3.00 (3.00–3.00) | 3.00 | 1.00 × |',
      '| reads per video | 0.50 (0.50–0.50) | 0.50 |  |',
      '| reconciles per video | 4.60 | – |  |',
      '| … at most, MB | 100 (100–100) | 50 | 2.00 × |',
      '| … all deleted, MB | 85 | – |  |',
    ])
      assert.ok(lines.includes(line), `${line}\n${first}`);
    assert.match(second, /^\| 5,000 videos \| controller-runtime \(Go\), 1 run \|\n/);
    assert.doesNotMatch(second, /reconciles|all deleted/);
  });
});

describe('controllerPlots', () => {
  it('has a line for each controller, with what was measured of it', () => {
    const plots = controllerPlots(FIGURES);
    assert.deepEqual(
      plots.map(({ id }) => id),
      ['controller-time', 'controller-cpu', 'controller-memory', 'controller-requests'],
    );
    const points = Object.fromEntries(plots.map(({ id, series }) => [id, series.map((line) => line.points)]));
    assert.deepEqual(points['controller-time'], [
      [[1000, 22]],
      [
        [1000, 44],
        [5000, 200],
      ],
    ]);
    assert.deepEqual(points['controller-cpu'], [
      [[1000, 2]],
      [
        [1000, 2],
        [5000, 0.4],
      ],
    ]);
    assert.deepEqual(points['controller-requests'], [
      [[1000, 3.5]],
      [
        [1000, 3.5],
        [5000, 3.5],
      ],
    ]);
  });
});
