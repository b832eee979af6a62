import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseObject } from '../../../common/json.ts';
import { ROOT } from '../../support/cli.ts';
import type { ControllerFigures } from '../controller/figures.ts';
import type { LoadFigures } from '../load/figures.ts';
import type { Machine } from './machine.ts';
import type { PipelineFigures } from '../pipeline/figures.ts';
import type { StoreFigures } from '../store/figures.ts';

/** What is measured, in the order in which it is. */
export const PART_IDS = ['pipeline', 'controller', 'store', 'load'] as const;
export type PartId = (typeof PART_IDS)[number];

export interface FiguresOf {
  readonly pipeline: PipelineFigures;
  readonly controller: ControllerFigures;
  readonly store: StoreFigures;
  readonly load: LoadFigures;
}

export interface MeasuredPart<F> {
  /** When it ended, ISO 8601 in UTC. */
  readonly measuredAt: string;
  /** See describeCommit. */
  readonly commit: string;
  readonly machine: Machine;
  readonly tookSeconds: number;
  readonly figures: F;
}

/** `docs/benchmarks/results.json`: the last measurement of each part. */
export type Results = { readonly [P in PartId]?: MeasuredPart<FiguresOf[P]> };

const FILE = join(ROOT, 'docs', 'benchmarks', 'results.json');

/** Nothing where the file is absent. Throws where it is no JSON object. */
export async function readResults(): Promise<Results> {
  const text = await readFile(FILE, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const found = parseObject(text);
  if (!found) throw new Error(`${FILE} is not what npm run bench wrote: delete it, or check it out again`);
  return found;
}

export async function writeResults(results: Results): Promise<void> {
  await writeFile(FILE, textOf(results));
}

/** The results as they are read back: tables made of these and of the file are the same. */
export function asWritten(results: Results): Results {
  return parseObject(textOf(results)) ?? {};
}

/** Six digits are more than any measurement has; whole numbers stay whole. */
function textOf(results: Results): string {
  const ordered = Object.fromEntries(PART_IDS.flatMap((id) => (results[id] ? [[id, results[id]]] : [])));
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  return `${JSON.stringify(ordered, rounded, 2)}\n`;
}
