import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { localEmbedder } from '../../jobrunner/adapters/localEmbedder.ts';
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../jobrunner/adapters/sqlite/vectorStore.ts';
import type { Chapter } from '../../jobrunner/artifacts.ts';
import { search } from '../../jobrunner/search/search.ts';
import { parseSpec } from '../../jobrunner/contract/spec.ts';
import { indexStage } from '../../jobrunner/stages/indexStage.ts';
import { WorkFolder } from '../../jobrunner/workFolder.ts';
import { questions, recording } from '../sample/index.ts';
import { sandbox } from '../support/cli.ts';
import { newInference } from '../support/inference.ts';

const sample = recording();
const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const log = createLogger({ level: 'silent', format: 'plain' });
const signal = new AbortController().signal;

/** Looked for as one looks for a word one remembers, where vectors alone go astray. */
const KEYWORDS = [
  { question: 'health checks', topic: 'Roll out and roll back' },
  { question: 'recovery codes', topic: 'Protect your login' },
  { question: 'space bar', topic: 'Keyboard shortcuts' },
];

const chapters: Chapter[] = sample.topics.map(({ start, title }) => ({ start: Math.floor(start), title }));

describe('finding what was said, with the real embedding model', () => {
  for (const [what, given] of [
    ['with chapters', chapters],
    ['without chapters', []],
  ] as const)
    it(`puts the right passage first for nine of ten paraphrased questions, and for keywords: ${what}`, async (t) => {
      const box = await sandbox(t);
      const folder = new WorkFolder(join(box.workDir, 'demo'));
      await folder.create();
      const { durationSeconds, title } = sample;
      const segments = sample.topics.flatMap(({ sentences }) => [...sentences]);
      await folder.write(
        'video.json',
        JSON.stringify({
          file: 'video.mp4',
          url,
          source: 'yt-dlp',
          title,
          durationSeconds,
          sizeBytes: 1,
          chapters: given,
        }),
      );
      await folder.write(
        'transcript.json',
        JSON.stringify({ language: 'en', model: 'tiny', durationSeconds, segments }),
      );
      const database = new SqliteDatabase({ file: join(box.dataDir, 'loomvideo.db') });
      const stores = { vectors: sqliteVectorStore(database), records: sqliteRecordStore(database) };
      const embedder = localEmbedder(newInference());
      t.after(async () => {
        await embedder.close();
        await stores.vectors.close();
        await stores.records.close();
      });
      await indexStage({ ...stores, embedder, random: () => 0 }).run({
        job: { name: 'demo', owner: { key: 'local.default.demo', uid: 'uid' }, spec: parseSpec({ url }) },
        folder,
        log,
        signal,
        onProgress: () => undefined,
      });

      const isWrong = async ({ question, topic }: { question: string; topic: string }): Promise<boolean> => {
        const request = { query: question, limit: 3, wait: true, signal };
        const { ranking, results } = await search({ ...stores, embedder, log }, request);
        assert.equal(ranking, 'hybrid');
        const expected = sample.topics.find((one) => one.title === topic);
        const middle = ((results[0]?.start ?? 0) + (results[0]?.end ?? 0)) / 2;
        return !expected || middle < expected.start || middle > expected.end;
      };
      const wrong: string[] = [];
      for (const question of questions()) if (await isWrong(question)) wrong.push(question.question);
      assert.ok(wrong.length <= 1, wrong.join('\n'));
      for (const keyword of KEYWORDS) assert.equal(await isWrong(keyword), false, keyword.question);
    });
});
