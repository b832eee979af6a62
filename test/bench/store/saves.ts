import { SqliteDatabase } from '../../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteRecordStore } from '../../../jobrunner/adapters/sqlite/recordStore.ts';
import { sqliteVectorStore } from '../../../jobrunner/adapters/sqlite/vectorStore.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { madeVideo, MODEL, wordMaker } from './data.ts';

const PASSAGES = 10;

/**
 * Milliseconds of storing so many videos of ten passages, one after another, with the calls that the index stage makes.
 * Each is removed before the next, so that the store keeps its size; that is not counted.
 */
export async function timeSaves(file: string, videos: number): Promise<number[]> {
  const database = new SqliteDatabase({ file });
  const vectors = sqliteVectorStore(database);
  const records = sqliteRecordStore(database);
  const random = seededRandom(4);
  const word = wordMaker(random);
  const { signal } = new AbortController();
  const taken: number[] = [];
  try {
    // The thread starts and the file is opened with the first call.
    await records.find('', { signal });
    for (let number = 0; number < videos; number++) {
      const owner = { key: `bench.saves.${number}`, uid: 'bench' };
      const url = `https://www.loom.com/share/${number.toString(16).padStart(32, 'f')}`;
      const { record, vectorRecords } = madeVideo({ owner, url, passages: PASSAGES, word, random });
      const began = performance.now();
      await vectors.upsert(owner, MODEL, vectorRecords, { signal });
      await records.save(record, { signal });
      await vectors.deleteTail(owner, PASSAGES, { signal });
      taken.push(performance.now() - began);
      await vectors.purge(owner, { signal });
      await records.purge(owner, { signal });
    }
  } finally {
    await vectors.close();
    await records.close();
  }
  return taken;
}
