import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase, type SqliteOptions } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../jobrunner/adapters/sqlite/vectorStore.ts';
import { toStoreError } from '../../jobrunner/adapters/sqlite/storeError.ts';
import type { RecordStore, VideoRecord } from '../../jobrunner/ports.ts';
import { sandbox } from '../support/cli.ts';

const signal = new AbortController().signal;
const owner = { key: 'local.default.demo', uid: 'uid-1' };
const record: VideoRecord = {
  owner,
  url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef',
  title: 'Demo',
  durationSeconds: 60,
  language: 'en',
  transcriptionModel: 'tiny',
  embeddingModel: 'model',
  segments: [],
  passages: Array.from({ length: 100 }, (_, index) => ({
    index,
    start: index,
    end: index + 1,
    text: `${'word '.repeat(60)}${index}`,
  })),
};

interface Place {
  readonly file: string;
  readonly open: (options?: Partial<SqliteOptions>) => RecordStore;
}

async function place(t: TestContext): Promise<Place> {
  const { dataDir } = await sandbox(t);
  await mkdir(dataDir);
  const file = join(dataDir, 'loomvideo.db');
  return {
    file,
    open(options) {
      const store = sqliteRecordStore(new SqliteDatabase({ file, busyTimeoutMs: 100, ...options }));
      t.after(() => store.close());
      return store;
    },
  };
}

describe('a file that is not the store', () => {
  for (const [what, make, expected] of [
    ['text', (file) => writeFile(file, 'This is a letter, not a database. '.repeat(1000)), /not a database/],
    [
      "another program's database",
      (file) => change(file, 'CREATE TABLE contacts (name TEXT)'),
      /another program/,
    ],
    ['a folder', (file) => mkdir(file), /cannot be opened.*LOOMVIDEO_DATA_DIR/],
  ] as const satisfies readonly (readonly [string, (file: string) => Promise<unknown>, RegExp])[])
    it(`is refused and left as it is: ${what}`, async (t) => {
      const { file, open } = await place(t);
      await make(file);
      const before = await readFile(file).catch(() => undefined);
      await assert.rejects(open().save(record, { signal }), {
        reason: 'StoreMisconfigured',
        message: expected,
      });
      assert.deepEqual(await readFile(file).catch(() => undefined), before);
    });

  it('is refused when a newer version wrote it', async (t) => {
    const { file, open } = await place(t);
    await open().save(record, { signal });
    await change(file, 'PRAGMA user_version = 99');
    await assert.rejects(open().find(owner.key, { signal }), {
      reason: 'StoreMisconfigured',
      message: /newer version/,
    });
  });

  it('is refused when its pages are damaged', async (t) => {
    const { file, open } = await place(t);
    const store = open();
    await store.save(record, { signal });
    await store.close();
    const bytes = await readFile(file);
    for (let page = 16_384; page < bytes.length; page += 16_384) bytes.fill(0x5a, page, page + 8000);
    await writeFile(file, bytes);
    await assert.rejects(open().find(owner.key, { signal }), {
      reason: 'StoreMisconfigured',
      message: /damaged/,
    });
  });

  it('is made where it is empty, and used again once what was wrong is repaired', async (t) => {
    const { file, open } = await place(t);
    await writeFile(file, 'garbage');
    const store = open();
    await assert.rejects(store.find(owner.key, { signal }), { reason: 'StoreMisconfigured' });
    await writeFile(file, '');
    assert.equal(await store.find(owner.key, { signal }), undefined);
  });
});

describe('a store in trouble', () => {
  it('is unavailable for writing while another holds it, and can be read meanwhile', async (t) => {
    const { file, open } = await place(t);
    const store = open();
    await store.save(record, { signal });
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(store.save(record, { signal }), {
      reason: 'StoreUnavailable',
      retryable: true,
      message: /held by another process/,
    });
    assert.equal((await store.find(owner.key, { signal }))?.title, 'Demo');
    other.exec('ROLLBACK');
    await store.save(record, { signal });
  });

  for (const [what, pragma, reason, message] of [
    ['full disk', 'max_page_count = 1', 'StoreUnavailable', /free space/],
    ['read-only file', 'query_only = ON', 'StoreMisconfigured', /permissions/],
  ] as const)
    it(`says what to do about a ${what}`, () => {
      using database = new DatabaseSync(':memory:');
      database.exec(`CREATE TABLE t (a); PRAGMA ${pragma}`);
      try {
        database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(1_000_000));
        assert.fail('SQLite wrote');
      } catch (error) {
        const told = toStoreError(error, 'loomvideo.db');
        assert.equal(told.reason, reason);
        assert.match(told.message, message);
      }
    });

  it('loses only the call that its thread dies of', async (t) => {
    const { open } = await place(t);
    const store = open({ maxHeapMb: 16 });
    await store.save(record, { signal });
    const segments = Array.from({ length: 600_000 }, (_, index) => ({ start: index, end: index, text: 'x' }));
    await assert.rejects(store.save({ ...record, segments }, { signal }), {
      reason: 'StoreUnavailable',
      message: /ended early/,
    });
    assert.equal((await store.find(owner.key, { signal }))?.passages.length, 100);
  });

  it('never begins a call that was aborted while it waited, and refuses one after it was closed', async (t) => {
    const { open } = await place(t);
    const store = open();
    const abort = new AbortController();
    const first = store.save(record, { signal });
    const second = store.purge(owner, { signal: abort.signal });
    abort.abort();
    await assert.rejects(second, { reason: 'Interrupted' });
    await first;
    assert.equal((await store.find(owner.key, { signal }))?.title, 'Demo');
    await store.close();
    await assert.rejects(store.find(owner.key, { signal }), { reason: 'InternalError' });
  });

  it('stays open until both stores on it are closed', async (t) => {
    const { file } = await place(t);
    const database = new SqliteDatabase({ file });
    const [vectors, records] = [sqliteVectorStore(database), sqliteRecordStore(database)];
    await vectors.close();
    assert.equal(await records.find('absent', { signal }), undefined);
    await records.close();
  });
});

describe('what the vector store refuses before it writes', () => {
  for (const [what, vectors] of [
    ['a vector without numbers', [[]]],
    ['a vector of zeros', [[0, 0, 0]]],
    ['an infinity', [[1, Infinity, 0]]],
    [
      'vectors of two lengths',
      [
        [1, 0, 0],
        [1, 0],
      ],
    ],
  ] as const)
    it(what, async (t) => {
      const { file } = await place(t);
      const store = sqliteVectorStore(new SqliteDatabase({ file }));
      t.after(() => store.close());
      const metadata = { title: '', text: '', start: 0, end: 1, url: '' };
      const records = vectors.map((values, index) => ({
        index,
        values: Float32Array.from(values),
        metadata,
      }));
      await assert.rejects(store.upsert(owner, 'model', records, { signal }), { reason: 'EmbeddingFailed' });
      assert.equal(await store.purge(owner, { signal }), 0);
    });

  it('a model whose vectors are too long, when it is prepared', async (t) => {
    const { file } = await place(t);
    const store = sqliteVectorStore(new SqliteDatabase({ file }));
    t.after(() => store.close());
    for (const dimensions of [0, -1, 1.5, 100_000])
      await assert.rejects(store.prepare('model', dimensions, { signal }), { reason: 'StoreMisconfigured' });
  });
});

/** Changes a file behind the store's back. */
async function change(file: string, sql: string): Promise<void> {
  using database = new DatabaseSync(file);
  database.exec(sql);
  await Promise.resolve();
}
