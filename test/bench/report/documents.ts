import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../support/cli.ts';
import { blocksOf, plotsOf } from './blocks.ts';
import { fillMarkers, hasMarkers } from './markers.ts';
import { readResults } from './results.ts';
import { svgOf } from './svg.ts';

const PLOTS = 'docs/benchmarks';

/** A file as results.json gives it; `wanted` is undefined for a plot that it does not give. */
interface Generated {
  /** From the project's folder. */
  readonly path: string;
  readonly present: string | undefined;
  readonly wanted: string | undefined;
}

/** Rewrites what differs from results.json: tables between markers, and plots. */
export async function writeDocuments(): Promise<void> {
  for (const { path, wanted } of await stale()) {
    if (wanted === undefined) await rm(join(ROOT, path));
    else await writeFile(join(ROOT, path), wanted);
  }
}

/** Paths of the documents and plots that differ from results.json. */
export async function staleDocuments(): Promise<string[]> {
  return (await stale()).map(({ path }) => path);
}

async function stale(): Promise<Generated[]> {
  const results = await readResults();
  const blocks = blocksOf(results);
  const found: Generated[] = [];
  for (const path of await pathsOf(['README.md', 'docs/**/*.md'])) {
    const present = await readFile(join(ROOT, path), 'utf8');
    if (hasMarkers(present)) found.push({ path, present, wanted: fillMarkers(present, blocks) });
  }
  const plots = new Map(plotsOf(results).map((plot) => [`${PLOTS}/${plot.id}.svg`, svgOf(plot)]));
  for (const path of new Set([...plots.keys(), ...(await pathsOf([`${PLOTS}/*.svg`]))])) {
    const present = await readFile(join(ROOT, path), 'utf8').catch(() => undefined);
    found.push({ path, present, wanted: plots.get(path) });
  }
  return found.filter(({ present, wanted }) => present !== wanted);
}

async function pathsOf(patterns: readonly string[]): Promise<string[]> {
  return (await Array.fromAsync(glob(patterns, { cwd: ROOT }))).sort();
}
