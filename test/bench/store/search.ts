/**
 * The embedded store's vector search alone, in a process of its own: `node search.ts <file> <queries> <wanted>`, the
 * queries as float32 of the embedded model's length, one after another. Prints JSON as peers/store-numpy/search.py does.
 */
import { readFile } from 'node:fs/promises';
import { SqliteDatabase } from '../../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../../jobrunner/adapters/sqlite/vectorStore.ts';
import { memoryOf } from '../../support/processFigures.ts';
import { DIMENSIONS, MODEL } from './data.ts';

const [file = '', queriesFile = '', wanted = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const vectors = sqliteVectorStore(new SqliteDatabase({ file }));
const bytes = await readFile(queriesFile);
const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

const milliseconds: number[] = [];
const found: string[][] = [];
for (let at = 0; at < numbers.length; at += DIMENSIONS) {
  const query = { model: MODEL, values: numbers.slice(at, at + DIMENSIONS), limit: Number(wanted) };
  const began = performance.now();
  const hits = await vectors.query(query, { signal });
  milliseconds.push(performance.now() - began);
  found.push(hits.map(({ id }) => id));
}
await vectors.close();
process.stdout.write(JSON.stringify({ milliseconds, found, peakMb: memoryOf(process.pid).peakMb }));
