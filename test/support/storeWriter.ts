/**
 * A process that writes to the embedded store: `node storeWriter.ts <file> <key> <rounds>`. Each round replaces the
 * video by one whose passages all name the round, and prints the round's number.
 */
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../jobrunner/adapters/sqlite/vectorStore.ts';

const [file = '', key = '', rounds = '1'] = process.argv.slice(2);
const signal = new AbortController().signal;
const owner = { key, uid: 'writer' };
const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const database = new SqliteDatabase({ file, busyTimeoutMs: 20_000 });
const vectors = sqliteVectorStore(database);
const records = sqliteRecordStore(database);

for (let round = 1; round <= Number(rounds); round++) {
  // Rounds differ in length, so that each has something to delete or to add.
  const passages = Array.from({ length: 20 + (round % 2) * 20 }, (_, index) => ({
    index,
    start: index,
    end: index + 1,
    text: `round${round} `.repeat(50),
  }));
  await vectors.upsert(
    owner,
    'model',
    passages.map(({ index, start, end, text }) => ({
      index,
      values: Float32Array.from({ length: 384 }, (_, place) => Math.sin(place + index + round)),
      metadata: { title: 'T', text, start, end, url },
    })),
    { signal },
  );
  const record = {
    owner,
    url,
    title: `round${round}`,
    durationSeconds: 40,
    language: 'en',
    transcriptionModel: 'tiny',
    embeddingModel: 'model',
    segments: [],
    passages,
  };
  await records.save(record, { signal });
  await vectors.deleteTail(owner, passages.length, { signal });
  process.stdout.write(`${round}\n`);
}
await vectors.close();
await records.close();
