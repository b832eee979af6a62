import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ControllerRun } from '../../bench/controller/figures.ts';
import type { PipelineRun } from '../../bench/pipeline/figures.ts';
import type { FiguresOf, MeasuredPart } from '../../bench/report/results.ts';
import { summaryTable } from '../../bench/report/summary.ts';

const part = <F>(figures: F): MeasuredPart<F> => ({
  ...{ measuredAt: '2026-11-24T14:00:00.000Z', commit: '0123456789', tookSeconds: 60, figures },
  machine: { processor: 'A processor', cores: 2, memoryMb: 8000, kernel: 'Linux 6', node: 'v24' },
});
const run = (seconds: number, wordErrorRate: number): PipelineRun => ({
  ...{ seconds, wordErrorRate, cpuSeconds: 2 * seconds, peakMb: 100 },
});
const ofController = (seconds: number, writes: number): ControllerRun => ({
  ...{
    seconds,
    creationSeconds: 1,
    cpuSeconds: seconds,
    apiserverCpuSeconds: 4,
    idleMb: 80,
    peakMb: 100,
    endMb: 9,
  },
  toJobMs: { p50: 1000, p99: 2500 },
  requests: { 'POST jobs': writes, 'GET jobs': 1 },
});

const PIPELINE: FiguresOf['pipeline'] = {
  cores: 2,
  versions: {},
  lengths: [
    { speechSeconds: 60, peers: [] },
    {
      speechSeconds: 298,
      peers: [
        { peer: 'ours', runs: [run(12, 0.013), run(10, 0.015), run(14, 0.015)] },
        { peer: 'faster-whisper', runs: [run(24, 0.013)] },
      ],
    },
  ],
};

describe('summaryTable', () => {
  it('has a line for each that ours was measured beside', () => {
    const controller: FiguresOf['controller'] = {
      stageMs: 0,
      sizes: [
        { videos: 100, peers: [{ peer: 'ours', runs: [ofController(1, 1)] }] },
        {
          videos: 1000,
          peers: [
            { peer: 'ours', runs: [ofController(30, 5)] },
            { peer: 'go', runs: [ofController(40, 3)] },
            { peer: 'kopf', runs: [ofController(60, 4)] },
          ],
        },
      ],
    };
    const timing = { p50: 40, p95: 53.4 };
    const store: FiguresOf['store'] = {
      calls: 100,
      sizes: [
        {
          ...{ videos: 2000, passages: 20_000, fileMb: 96, startMs: 1234, blockedMs: 8, serverMb: 156 },
          ...{ list: timing, page: timing, search: timing, save: timing },
          vectors: { ours: { ...timing, peakMb: 120 }, numpy: { p50: 4, p95: 5, peakMb: 60 }, agreement: 1 },
        },
      ],
    };
    const lines = summaryTable({
      pipeline: part(PIPELINE),
      controller: part(controller),
      store: part(store),
    }).split('\n');
    assert.deepEqual(lines.slice(2), [
      '| yt-dlp and faster-whisper: 298 s of speech, from the link | 0.50 × | 0.50 × | 1.00 × | wrong words: 1.5 % to 1.3 % |',
      '| controller-runtime (Go), minimal: 1,000 videos at once | 0.75 × | 0.75 × | 1.00 × | writes per video: 5.0 to 3.0 |',
      '| kopf (Python), minimal: 1,000 videos at once | 0.50 × | 0.50 × | 1.00 × | writes per video: 5.0 to 4.0 |',
      '| numpy, in memory: vector search among 20,000 passages | 10.00 × | – | 2.00 × | a whole search: 40 ms (p95 53) |',
    ]);
  });

  it('says so where nothing was measured', () => {
    assert.equal(summaryTable({}), 'Not measured yet: `npm run bench`.');
    assert.equal(summaryTable({ pipeline: part(PIPELINE) }).split('\n').length, 3);
  });
});
