import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PipelineFigures, PipelinePeer, PipelineRun } from '../../bench/pipeline/figures.ts';
import { pipelinePlots, pipelineTables } from '../../bench/pipeline/tables.ts';

const run = (seconds: number, cpuSeconds: number, peakMb: number, wordErrorRate: number): PipelineRun => ({
  ...{ seconds, cpuSeconds, peakMb, wordErrorRate },
});
const peer = (name: PipelinePeer, ...runs: readonly PipelineRun[]) => ({ peer: name, runs });

const FIGURES: PipelineFigures = {
  cores: 2,
  versions: { 'yt-dlp': '1.2', pywhispercpp: '3.4' },
  lengths: [
    {
      speechSeconds: 60,
      peers: [
        peer('ours', run(5, 8, 300, 0.01), run(4, 9, 310, 0.01), run(6, 10, 290, 0.02)),
        peer('pywhispercpp', run(10, 12, 250, 0.03), run(8, 12, 240, 0.03), run(12, 12, 260, 0.03)),
      ],
    },
    { speechSeconds: 298, peers: [peer('ours', run(20, 30, 320, 0.015)), peer('pywhispercpp')] },
  ],
};

describe('the table of the pipeline', () => {
  const [{ id, markdown } = { id: '', markdown: '' }, ...others] = pipelineTables(FIGURES);
  const rows = markdown.split('\n').filter((line) => /^\| \d/.test(line));

  it('is one', () => {
    assert.equal(id, 'pipeline');
    assert.equal(others.length, 0);
  });

  it('has medians with least and most of several runs, and ratios of the medians', () => {
    assert.equal(
      rows[0],
      '| 60 s | ours, which also checks, embeds and stores | 5.0 (4.0–6.0) | 9.0 (8.0–10.0) | 300 (290–310) | 1.0 (1.0–2.0) |  |  |  |',
    );
    assert.equal(
      rows[1],
      '| 60 s | yt-dlp and pywhispercpp (whisper.cpp, greedy) | 10.0 (8.0–12.0) | 12.0 (12.0–12.0) | 250 (240–260) | 3.0 (3.0–3.0) | 0.50 × | 0.75 × | 1.20 × |',
    );
  });

  it('has the figure alone of one run, and dashes where there is none', () => {
    assert.match(rows[2] ?? '', /\| 20\.0 \| 30\.0 \| 320 \| 1\.5 \|/);
    assert.match(rows[3] ?? '', /\| – \| – \| – \| – \| – \| – \| – \|$/);
  });

  it('says the cores and of what versions the peers are', () => {
    assert.match(
      markdown,
      /\n\nEverybody on 2 cores with the weights of Whisper tiny\.en; yt-dlp 1\.2, pywhispercpp 3\.4\.$/,
    );
  });

  it('comes out the same from figures that went through JSON', () => {
    assert.deepEqual(pipelineTables(JSON.parse(JSON.stringify(FIGURES)) as PipelineFigures), [
      { id, markdown },
    ]);
  });
});

describe('the plot of the pipeline', () => {
  it('has a line of medians for each that was measured', () => {
    const [plot, ...others] = pipelinePlots(FIGURES);
    assert.equal(others.length, 0);
    assert.equal(plot?.id, 'pipeline');
    assert.equal(plot.scale, 'linear');
    assert.deepEqual(
      plot.series.map(({ points }) => points),
      [
        [
          [60, 5],
          [298, 20],
        ],
        [[60, 10]],
      ],
    );
  });
});
