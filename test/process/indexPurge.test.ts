import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../jobrunner/adapters/sqlite/vectorStore.ts';
import type { Owner } from '../../jobrunner/contract/videoJob.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import type { RecordStore, VectorStore } from '../../jobrunner/ports.ts';
import { parseSpec } from '../../jobrunner/contract/spec.ts';
import { indexStage } from '../../jobrunner/stages/indexStage.ts';
import { purgeStage } from '../../jobrunner/stages/purge.ts';
import type { Stage, StageContext, StageFacts } from '../../jobrunner/stages/stage.ts';
import { WorkFolder } from '../../jobrunner/workFolder.ts';
import { sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { fakeEmbedder } from '../support/fakeEmbedder.ts';

const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const log = createLogger({ level: 'silent', format: 'plain' });
const old: Owner = { key: 'local.default.demo', uid: 'old' };
const recreated: Owner = { ...old, uid: 'recreated' };
const other: Owner = { key: 'local.default.other', uid: 'other' };

interface World {
  readonly vectors: VectorStore;
  readonly records: RecordStore;
  readonly index: (owner: Owner) => Promise<StageFacts>;
  readonly purge: (owner: Owner, stores?: Partial<World>) => Promise<StageFacts>;
  readonly rows: () => Record<string, number>;
}

async function world(t: TestContext): Promise<World> {
  const box = await sandbox(t);
  const folder = new WorkFolder(join(box.workDir, 'demo'));
  await folder.create();
  await folder.write(
    'video.json',
    JSON.stringify({
      file: 'video.mp4',
      url,
      source: 'yt-dlp',
      title: 'Demo',
      durationSeconds: 60,
      sizeBytes: 1,
      chapters: [],
    }),
  );
  await folder.write(
    'transcript.json',
    JSON.stringify({
      language: 'en',
      model: 'tiny',
      durationSeconds: 60,
      segments: [
        { start: 0, end: 30, text: 'One thing.' },
        { start: 30, end: 60, text: 'Another thing.' },
      ],
    }),
  );
  const database = new SqliteDatabase({ file: join(box.dataDir, 'loomvideo.db') });
  const vectors = sqliteVectorStore(database);
  const records = sqliteRecordStore(database);
  t.after(async () => {
    await vectors.close();
    await records.close();
  });
  const deps = { vectors, records, random: () => 0, retryBaseMs: 1 };
  const run = (stage: Stage, owner: Owner): Promise<StageFacts> => {
    const context: StageContext = {
      job: { name: 'demo', owner, spec: parseSpec({ url }) },
      folder,
      log,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
    return stage.run(context);
  };
  return {
    vectors,
    records,
    index: (owner) => run(indexStage({ ...deps, embedder: fakeEmbedder() }), owner),
    purge: (owner, stores) => run(purgeStage({ ...deps, ...stores }), owner),
    rows: () =>
      Object.fromEntries(Object.entries(dumpStore(box.dataDir)).map(([name, all]) => [name, all.length])),
  };
}

describe('purge', () => {
  it('removes what this resource stored, says how much, and nothing the second time', async (t) => {
    const { index, purge, rows } = await world(t);
    await index(old);
    await index(other);
    assert.deepEqual(await purge(old), { purge: { vectors: 2, records: 1 } });
    assert.deepEqual(rows(), { vectors: 2, videos: 1, passages: 2 });
    assert.deepEqual(await purge(old), { purge: { vectors: 0, records: 0 } });
    assert.deepEqual(await purge(other), { purge: { vectors: 2, records: 1 } });
    assert.deepEqual(rows(), { vectors: 0, videos: 0, passages: 0 });
  });

  it('leaves a recreated resource alone, however late it comes', async (t) => {
    const { index, purge, rows } = await world(t);
    await index(old);
    await index(recreated);
    assert.deepEqual(await purge(old), { purge: { vectors: 0, records: 0 } });
    assert.deepEqual(rows(), { vectors: 2, videos: 1, passages: 2 });
  });

  it('waits out an outage, and goes on where it was stopped', async (t) => {
    const { index, purge, rows, records } = await world(t);
    await index(old);
    await assert.rejects(
      purge(old, { records: { ...records, purge: () => Promise.reject(new Error('killed here')) } }),
      /killed here/,
    );
    assert.deepEqual(rows(), { vectors: 0, videos: 1, passages: 2 });
    let outages = 3;
    const flaky: RecordStore = {
      ...records,
      purge: (owner, options) =>
        outages-- > 0
          ? Promise.reject(new StageError('StoreUnavailable', 'down'))
          : records.purge(owner, options),
    };
    assert.deepEqual(await purge(old, { records: flaky }), { purge: { vectors: 0, records: 1 } });
    assert.deepEqual(rows(), { vectors: 0, videos: 0, passages: 0 });
  });
});
