import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asWritten, type Results } from '../../bench/report/results.ts';

test('results are written in the order of the parts, with six digits and whole numbers whole', () => {
  const measured = {
    measuredAt: '2026-11-24T14:00:00.000Z',
    commit: '0123456789',
    machine: { processor: 'A processor', cores: 2, memoryMb: 24_105, kernel: 'Linux 6', node: 'v24' },
    tookSeconds: 61.234_567_89,
  };
  const results = { store: { ...measured, figures: 1 }, pipeline: { ...measured, figures: 0.012_345_678 } };
  const written = asWritten(results as unknown as Results);
  assert.deepEqual(Object.keys(written), ['pipeline', 'store']);
  assert.deepEqual(written, {
    pipeline: { ...measured, tookSeconds: 61.2346, figures: 0.0123457 },
    store: { ...measured, tookSeconds: 61.2346, figures: 1 },
  });
});
