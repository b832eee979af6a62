import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../jobrunner/adapters/sqlite/vectorStore.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import type { Embedder, RecordStore, VectorStore } from '../../jobrunner/ports.ts';
import { parseSpec } from '../../jobrunner/contract/spec.ts';
import { indexStage } from '../../jobrunner/stages/indexStage.ts';
import type { StageFacts } from '../../jobrunner/stages/stage.ts';
import { WorkFolder } from '../../jobrunner/workFolder.ts';
import { sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { fakeEmbedder } from '../support/fakeEmbedder.ts';

const owner = { key: 'local.default.demo', uid: 'uid-1' };
const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const spec = parseSpec({ url });

interface World {
  readonly dataDir: string;
  readonly messages: string[];
  /** Runs the stage; `fault` is thrown instead of the call of that number (from 1), or after it took effect. */
  readonly run: (options?: {
    segments?: number;
    embedder?: Embedder;
    fault?: { call: number; after: boolean; error?: Error; times?: number };
    uid?: string;
    transcript?: unknown;
    signal?: AbortSignal;
  }) => Promise<{ facts: StageFacts; calls: string[] }>;
}

async function world(t: TestContext): Promise<World> {
  const box = await sandbox(t);
  const folder = new WorkFolder(join(box.workDir, 'demo'));
  await folder.create();
  const messages: string[] = [];
  const log = createLogger({ level: 'info', format: 'plain', write: (line) => messages.push(line.trim()) });

  return {
    dataDir: box.dataDir,
    messages,
    async run({ segments = 30, embedder = fakeEmbedder(), fault, uid = owner.uid, transcript, signal } = {}) {
      const video = {
        file: 'video.mp4',
        url,
        source: 'yt-dlp',
        title: 'Demo',
        durationSeconds: 300,
        sizeBytes: 1,
        chapters: [],
      };
      await folder.write('video.json', JSON.stringify(video));
      await folder.write(
        'transcript.json',
        JSON.stringify(
          transcript ?? {
            language: 'en',
            model: 'tiny.en',
            durationSeconds: 300,
            segments: Array.from({ length: segments }, (_, index) => ({
              start: index * 10,
              end: index * 10 + 9,
              text: `Sentence number ${index} speaks of topic ${index}.`,
            })),
          },
        ),
      );
      const calls: string[] = [];
      let struck = 0;
      const faulty = <T extends object>(name: string, service: T): T =>
        new Proxy(service, {
          get(target, property) {
            const value: unknown = Reflect.get(target, property);
            if (typeof value !== 'function' || property === 'close') return value;
            return async (...args: unknown[]) => {
              calls.push(`${name}.${String(property)}`);
              const strikes = fault && calls.length >= fault.call && struck < (fault.times ?? 1);
              if (strikes) struck++;
              const error = fault?.error ?? new Error('killed here');
              if (strikes && !fault.after) throw error;
              const result: unknown = await Reflect.apply(value, target, args);
              if (strikes) throw error;
              return result;
            };
          },
        });
      const database = new SqliteDatabase({ file: join(box.dataDir, 'loomvideo.db') });
      const vectors: VectorStore = sqliteVectorStore(database);
      const records: RecordStore = sqliteRecordStore(database);
      try {
        const stage = indexStage({
          embedder: faulty('embedder', embedder),
          vectors: faulty('vectors', vectors),
          records: faulty('records', records),
          random: () => 0,
          retryBaseMs: 1,
        });
        const facts = await stage.run({
          job: { name: 'demo', owner: { ...owner, uid }, spec },
          folder,
          log,
          signal: signal ?? new AbortController().signal,
          onProgress: () => undefined,
        });
        return { facts, calls };
      } finally {
        await vectors.close();
        await records.close();
      }
    },
  };
}

describe('index', () => {
  it('embeds in batches of 3, says each, and stores vectors and records', async (t) => {
    const { run, messages, dataDir } = await world(t);
    const embedder = fakeEmbedder();
    const { facts } = await run({ embedder });
    assert.equal(facts.index?.passages, 10);
    assert.deepEqual(embedder.requests, [3, 3, 3, 1]);
    assert.deepEqual(
      messages.filter((message) => message.startsWith('✅')),
      [1, 2, 3, 4].map((batch) => `✅ Processed embedding batch ${batch}/4`),
    );
    assert.equal(dumpStore(dataDir)['vectors']?.length, 10);
    assert.equal(dumpStore(dataDir)['passages']?.length, 10);
  });

  it('changes nothing when it runs again', async (t) => {
    const { run, dataDir } = await world(t);
    await run();
    const first = dumpStore(dataDir);
    await run();
    assert.deepEqual(dumpStore(dataDir), first);
  });

  it('leaves nothing of a longer earlier run, of an earlier model or of an earlier owner', async (t) => {
    const { run, dataDir } = await world(t);
    await run({ segments: 30, uid: 'deleted', embedder: fakeEmbedder('earlier', 16) });
    await run({ segments: 9 });
    const fresh = await world(t);
    await fresh.run({ segments: 9 });
    const withoutIds = (rows: readonly string[] = []): string[] =>
      rows.map((row) => row.replace(/\["id",\d+\],?/, ''));
    for (const table of ['vectors', 'videos', 'passages'])
      assert.deepEqual(
        withoutIds(dumpStore(dataDir)[table]),
        withoutIds(dumpStore(fresh.dataDir)[table]),
        table,
      );
  });

  it('heals, whichever call it is killed before or after', async (t) => {
    const expected = await world(t);
    const { calls } = await expected.run({ segments: 9 });
    assert.ok(calls.length >= 5, calls.join());
    for (let call = 1; call <= calls.length; call++)
      for (const after of [false, true]) {
        const { run, dataDir } = await world(t);
        await run({ segments: 21 });
        await assert.rejects(run({ segments: 9, fault: { call, after } }), /killed here/);
        await run({ segments: 9 });
        const moment = `${after ? 'after' : 'before'} ${calls[call - 1]}`;
        assert.equal(dumpStore(dataDir)['vectors']?.length, 3, moment);
        assert.equal(dumpStore(dataDir)['passages']?.length, 3, moment);
        assert.equal(dumpStore(dataDir)['videos']?.length, 1, moment);
      }
  });

  for (const reason of ['EmbeddingRateLimited', 'StoreUnavailable'] as const)
    it(`waits out ${reason} in place, and doubles nothing`, async (t) => {
      const { run, dataDir } = await world(t);
      const error = new StageError(reason, 'later');
      const call = reason === 'StoreUnavailable' ? 1 : 2;
      await run({ segments: 9, fault: { call, after: false, error, times: 4 } });
      assert.equal(dumpStore(dataDir)['vectors']?.length, 3);
    });

  it('gives an outage that outlasts its deadline back, to be tried again', async (t) => {
    const { run, dataDir } = await world(t);
    const error = new StageError('StoreUnavailable', 'down');
    const signal = AbortSignal.timeout(300);
    await assert.rejects(
      run({ fault: { call: 1, after: false, error, times: 1e9 }, signal }),
      (thrown) => thrown instanceof StageError && thrown.retryable,
    );
    assert.deepEqual(dumpStore(dataDir)['videos'] ?? [], []);
  });

  it('says at the deadline what the service it waited for had said', async (t) => {
    const { run } = await world(t);
    const abort = new AbortController();
    const embedder: Embedder = {
      ...fakeEmbedder(),
      embed(_texts, { signal }) {
        if (signal.aborted) return Promise.reject(new StageError('DeadlineExceeded', 'over'));
        setTimeout(() => abort.abort(new StageError('DeadlineExceeded', 'over')), 50);
        return Promise.reject(new StageError('EmbeddingRateLimited', 'slow down'));
      },
    };
    await assert.rejects(run({ embedder, signal: abort.signal }), { reason: 'EmbeddingRateLimited' });
  });

  it('stores a video in which nobody speaks', async (t) => {
    const { run, dataDir } = await world(t);
    const { facts } = await run({ segments: 0 });
    assert.equal(facts.index?.passages, 0);
    assert.equal(dumpStore(dataDir)['videos']?.length, 1);
  });

  for (const [what, transcript] of [
    ['no object', 7],
    ['no segments', { language: 'en', model: 'tiny', durationSeconds: 1 }],
    [
      'a text that is none',
      { language: 'en', model: 'x', durationSeconds: 1, segments: [{ start: 0, end: 1, text: 5 }] },
    ],
    [
      'a time before the beginning',
      { language: 'en', model: 'x', durationSeconds: 1, segments: [{ start: -1, end: 1, text: 'a' }] },
    ],
    [
      'a time beyond all bounds',
      { language: 'en', model: 'x', durationSeconds: 1, segments: [{ start: 0, end: 1e300, text: 'a' }] },
    ],
  ] as const)
    it(`refuses a transcript with ${what}, before anything is stored`, async (t) => {
      const { run, dataDir } = await world(t);
      await assert.rejects(run({ transcript }), { reason: 'InvalidFile' });
      assert.deepEqual(dumpStore(dataDir), {});
    });

  for (const [what, values] of [
    ['too few vectors', () => []],
    ['vectors of another length', (texts: readonly string[]) => texts.map(() => new Float32Array(3))],
    ['NaN', (texts: readonly string[]) => texts.map(() => new Float32Array(8).fill(Number.NaN))],
  ] as const)
    it(`refuses an embedding model that answers with ${what}, before anything is stored`, async (t) => {
      const { run, dataDir } = await world(t);
      const embedder: Embedder = { ...fakeEmbedder(), embed: (texts) => Promise.resolve(values(texts)) };
      await assert.rejects(run({ embedder }), { reason: 'EmbeddingFailed' });
      assert.deepEqual(dumpStore(dataDir)['vectors'] ?? [], []);
    });
});
