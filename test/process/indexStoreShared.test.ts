import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../../common/childProcess.ts';
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import type { RecordStore } from '../../jobrunner/ports.ts';
import { ROOT, sandbox } from '../support/cli.ts';

const signal = new AbortController().signal;

interface Writer {
  readonly child: Child;
  /** Resolves with the number of the first round that is done. */
  readonly firstRound: Promise<void>;
}

function startWriter(file: string, key: string, rounds: number): Writer {
  const first = Promise.withResolvers<void>();
  const child = startChild({
    command: process.execPath,
    args: [join(ROOT, 'test', 'support', 'storeWriter.ts'), file, key, String(rounds)],
    env: { PATH: process.env['PATH'] },
    onStdoutLine: () => first.resolve(),
  });
  void child.exited.then(() => first.resolve());
  return { child, firstRound: first.promise };
}

async function storeFile(t: TestContext): Promise<string> {
  return join((await sandbox(t)).dataDir, 'loomvideo.db');
}

function openRecords(t: TestContext, file: string): RecordStore {
  const store = sqliteRecordStore(new SqliteDatabase({ file, busyTimeoutMs: 20_000 }));
  t.after(() => store.close());
  return store;
}

/** The video is of one round as a whole: its title, every passage, and as many as that round has. */
async function assertWhole(records: RecordStore, key: string): Promise<void> {
  const record = await records.find(key, { signal });
  assert.ok(record);
  const round = Number(record.title.slice('round'.length));
  assert.equal(record.passages.length, 20 + (round % 2) * 20);
  for (const { text } of record.passages) assert.ok(text.startsWith(`${record.title} `));
  const hits = await records.searchText(record.title, 100, { signal });
  assert.equal(hits.filter(({ passage }) => passage.owner.key === key).length, record.passages.length);
}

describe('the embedded store, used by several processes', () => {
  it('is made by four at once, written by all and searched meanwhile', async (t) => {
    const file = await storeFile(t);
    const keys = [1, 2, 3, 4].map((number) => `local.default.video-${number}`);
    const writers = keys.map((key) => startWriter(file, key, 6));
    const records = openRecords(t, file);
    await writers[0]?.firstRound;
    for (let look = 0; look < 5; look++) await assertWhole(records, keys[0] ?? '');
    for (const { child } of writers) {
      const exit = await child.exited;
      assert.equal(exit.code, 0, exit.stderrTail);
    }
    for (const key of keys) await assertWhole(records, key);
  });

  it('stays whole when a writer is killed in the middle of its writes', async (t) => {
    const file = await storeFile(t);
    const key = 'local.default.video';
    for (const moment of [0, 3, 7, 12, 20]) {
      const { child, firstRound } = startWriter(file, key, 1e9);
      await firstRound;
      await sleep(moment);
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      assert.equal((await child.exited).signal, 'SIGKILL');

      await assertWhole(openRecords(t, file), key);
      const database = new DatabaseSync(file);
      assert.deepEqual(database.prepare('PRAGMA integrity_check').get(), {
        __proto__: null,
        integrity_check: 'ok',
      });
      database.close();
    }
  });
});
