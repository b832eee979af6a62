import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeStore } from '../../controller/render/runtime/runtimeStore.ts';
import { sandbox, workFiles } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { seededRandom } from '../support/seededRandom.ts';
import { shortVideo } from '../support/shortVideo.ts';
import { strayProcesses } from '../support/strayProcesses.ts';
import { postVideo } from './postVideo.ts';
import { startRender } from './renderServer.ts';

/** In the order in which they are posted, which is neither that of their names nor that of their links. */
const NAMES = ['ten', 'nine', 'one', 'eight', 'two', 'seven', 'three', 'six', 'four', 'five'] as const;

/** Which is struck in which stage: each stage three times, no video twice, for a second strike would fail it. */
const STRUCK = [
  { name: 'ten', stage: 'fetch' },
  { name: 'nine', stage: 'transcribe' },
  { name: 'one', stage: 'index' },
  { name: 'eight', stage: 'index' },
  { name: 'two', stage: 'fetch' },
  { name: 'seven', stage: 'transcribe' },
  { name: 'six', stage: 'transcribe' },
  { name: 'four', stage: 'index' },
  { name: 'five', stage: 'fetch' },
] as const;

/** What is said when a stage begins: the last word of the one before it. */
const BEGINS = {
  fetch: /Memory usage/,
  transcribe: /After yt-dlp download/,
  index: /After transcription/,
} as const;

/** About as long as a stage takes; milliseconds after its beginning within which the kill comes. */
const WITHIN_MS = { fetch: 1500, transcribe: 1500, index: 300 } as const;

const SEED = Number(process.env['TEST_SEED'] ?? 20_261_124);

/** The rows of a dumped table, as what they hold by column. */
function rowsOf(dump: Record<string, string[]>, table: string): Record<string, unknown>[] {
  return (dump[table] ?? []).map(
    (row) => Object.fromEntries(JSON.parse(row) as [string, unknown][]) as Record<string, unknown>,
  );
}

describe('Render mode with the real pipeline', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  it(`ten videos at once, SIGKILL in each stage: all end Ready, once each, in order (TEST_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED);
    const box = await sandbox(t);
    const env = { ...box.env, ...loom.env };
    let server = await startRender(t, env);
    const options = await shortVideo();
    const shared = loom.addVideo(options).shareUrl;
    const posts = NAMES.map((name, index) => ({
      name,
      // Two names share a link, and are two videos all the same.
      url: index < 2 ? shared : loom.addVideo(options).shareUrl,
    }));
    for (const { name, url } of posts) await postVideo(server, name, url);

    for (const { name, stage } of STRUCK) {
      await server.says(BEGINS[stage], name);
      await sleep(random() * WITHIN_MS[stage]);
      assert.equal((await server.end('SIGKILL')).signal, 'SIGKILL');
      assert.deepEqual(await strayProcesses(box.root), []);
      server = await startRender(t, env);
      assert.equal((await server.list()).length, NAMES.length);
    }
    const videos = await server.until((all) =>
      all.every(({ status }) => ['Ready', 'Failed'].includes(status?.phase ?? '')),
    );
    assert.equal((await server.end('SIGTERM')).code, 0, server.messages.join('\n'));

    const runtime = new RuntimeStore(join(box.dataDir, 'runtime.db'));
    t.after(() => runtime.close());
    let previous = '';
    let interruptions = 0;
    for (const name of NAMES) {
      const { metadata, status } = videos.find((video) => video.metadata.name === name) ?? {};
      assert.equal(status?.phase, 'Ready', `${name}: ${JSON.stringify(status)}`);
      assert.equal(status.attempts, 1);
      assert.ok((status.memory?.peakMb ?? 0) <= 400, JSON.stringify(status.memory));
      assert.ok((status.finishedAt ?? '') > previous, `${name} is done after those before it`);
      previous = status.finishedAt ?? '';
      const [run, ...others] = runtime.runsOf(metadata?.uid ?? '');
      assert.deepEqual(others, [], 'an attempt that goes on is one run');
      assert.equal(run?.outcome, 'Succeeded');
      assert.deepEqual(
        run.stages.map(({ stage, peakMb, limitMb }) => [stage, peakMb > 50 && peakMb <= 400, limitMb]),
        [
          ['fetch', true, 400],
          ['transcribe', true, 400],
          ['index', true, 400],
        ],
      );
      interruptions += run.interruptions ?? 0;
    }
    // A moment may lie between two videos, or between two stages.
    assert.ok(interruptions > STRUCK.length / 2, `${interruptions} kills struck a running attempt`);
    assert.deepEqual(runtime.attempts(), []);

    const passages = videos[0]?.status?.index?.passages ?? 0;
    assert.ok(passages > 0);
    const dump = dumpStore(box.dataDir);
    const owners = videos.map(({ metadata: { name, uid } }) => `render.default.${name} ${uid}`).toSorted();
    const videoRows = rowsOf(dump, 'videos');
    assert.deepEqual(videoRows.map(({ key, uid }) => `${String(key)} ${String(uid)}`).toSorted(), owners);
    const positions = (table: string): string[] =>
      rowsOf(dump, table)
        .map(({ key, position }) => `${String(key)}#${String(position)}`)
        .toSorted();
    const expected = NAMES.flatMap((name) =>
      Array.from({ length: passages }, (_, position) => `render.default.${name}#${position}`),
    ).toSorted();
    assert.deepEqual(positions('passages'), expected);
    assert.deepEqual(positions('vectors'), expected);
    assert.equal(
      new Set(rowsOf(dump, 'passages').map(({ text }) => text)).size,
      passages,
      'all say the same',
    );
    assert.deepEqual(await workFiles(box.workDir), []);
  });
});
