import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadFigures } from '../../bench/load/figures.ts';
import { loadTables } from '../../bench/load/tables.ts';

const FIGURES: LoadFigures = {
  ...{ seconds: 30, videos: 2000, passages: 20_000, posted: 3, finished: 3, peakMb: 330, blockedMs: 41.6 },
  reads: {
    clients: 60,
    perSecond: 5,
    answers: 9000,
    errors: 0,
    latency: { p50: 2, p97_5: 9, p99: 14, max: 80 },
  },
  searches: {
    clients: 15,
    perSecond: 1,
    answers: 450,
    errors: 1,
    latency: { p50: 50, p97_5: 90, p99: 1400, max: 2000 },
  },
  events: { clients: 25, told: 1234, broken: 0 },
};

test('the table of the load says what clients asked, got and waited', () => {
  const [{ markdown } = { markdown: '' }] = loadTables(FIGURES);
  assert.match(markdown, /^\| 100 clients, 30 s \|/);
  assert.match(markdown, /^\| 60 clients read, 5 a second each \| 9,000 \| 0 \| 2 \| 9 \| 14 \| 80 \|$/m);
  assert.match(
    markdown,
    /^\| 15 clients search, 1 a second each \| 450 \| 1 \| 50 \| 90 \| 1,400 \| 2,000 \|$/m,
  );
  assert.match(markdown, /25 clients were told of 1,234 events, 0 of their streams broke\. 3 of 3 videos/);
  assert.match(markdown, /330 MB in the whole process tree; longest block of the event loop 42 ms/);
});
