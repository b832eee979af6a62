import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PEERS } from '../peers/folder.ts';
import { venvPython } from '../../../jobrunner/setup/folders.ts';
import { run } from '../../cluster/command.ts';
import { ROOT } from '../../support/cli.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { quantile } from '../quantile.ts';
import { DIMENSIONS, unitVector } from './data.ts';
import type { VectorSearch } from './figures.ts';

const QUERIES = 100;
/** As many as a search of ours takes from each ranking at least (jobrunner/search/search.ts). */
const WANTED = 50;

/** What both programs print. */
interface Answers {
  readonly milliseconds: readonly number[];
  readonly found: readonly (readonly string[])[];
  readonly peakMb: number;
}

/** The same queries to the store's own vector search and to brute force in numpy, each in a process of its own. */
export async function compareVectorSearch(file: string, folder: string): Promise<VectorSearch> {
  const random = seededRandom(3);
  const queries = join(folder, 'queries.f32');
  await writeFile(queries, Buffer.concat(Array.from({ length: QUERIES }, () => bytesOf(unitVector(random)))));
  const ours = await answersOf(process.execPath, [
    ...[join(import.meta.dirname, 'search.ts'), file, queries],
    String(WANTED),
  ]);
  const numpy = await answersOf(venvPython({ env: process.env, root: ROOT }), [
    ...[join(PEERS, 'store-numpy', 'search.py'), file, queries],
    ...[DIMENSIONS, WANTED].map(String),
  ]);
  return { ours: figuresOf(ours), numpy: figuresOf(numpy), agreement: agreementOf(ours, numpy) };
}

async function answersOf(command: string, args: readonly string[]): Promise<Answers> {
  // As the npm scripts set it; Python does not look at it.
  const env = { NODE_COMPILE_CACHE: join(ROOT, '.cache', 'node') };
  return JSON.parse(await run(command, args, { env })) as Answers;
}

function figuresOf({ milliseconds, peakMb }: Answers): VectorSearch['ours'] {
  return { p50: quantile(milliseconds, 0.5), p95: quantile(milliseconds, 0.95), peakMb };
}

/** Share of the passages that one found which the other found too; 0–1. */
function agreementOf(ours: Answers, other: Answers): number {
  const all = ours.found.flatMap((ids, query) => {
    const others = new Set(other.found[query]);
    return ids.map((id) => others.has(id));
  });
  return all.filter(Boolean).length / all.length;
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
