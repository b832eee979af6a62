import { figure, table } from './markdown.ts';
import type { Machine } from './machine.ts';
import { RENDERERS } from './renderers.ts';
import { PART_IDS, type PartId, type Results } from './results.ts';
import type { Plot } from './section.ts';
import { summaryTable } from './summary.ts';

/**
 * What stands between the markers of the documents, by id: the parts' tables, `<part>-plots`, `measured` (when, on what) and
 * `summary`.
 */
export function blocksOf(results: Results): ReadonlyMap<string, string> {
  const blocks = new Map([
    ['measured', measuredTable(results)],
    ['summary', summaryTable(results)],
  ]);
  for (const renderer of RENDERERS) {
    const { id, tableIds } = renderer;
    const rendered = renderer.render(results);
    const absent = `Not measured yet: \`npm run bench -- ${id}\`.`;
    for (const name of tableIds) blocks.set(name, absent);
    for (const { id: name, markdown } of rendered?.tables ?? []) blocks.set(name, markdown);
    blocks.set(`${id}-plots`, rendered ? rendered.plots.map(imageOf).join('\n') : absent);
  }
  return blocks;
}

/** Every plot there are figures for. */
export function plotsOf(results: Results): Plot[] {
  return RENDERERS.flatMap((renderer) => renderer.render(results)?.plots ?? []);
}

const imageOf = ({ id, title }: Plot): string => `![${title}](${id}.svg)`;

function measuredTable(results: Results): string {
  const row = (id: PartId): string[] => {
    const measured = results[id];
    if (!measured) return [`\`${id}\``, '–', '–', '–', '–'];
    const { measuredAt, commit, machine, tookSeconds } = measured;
    const at = `${measuredAt.slice(0, 10)} ${measuredAt.slice(11, 16)} UTC`;
    return [`\`${id}\``, at, `\`${commit}\``, `${figure(tookSeconds / 60, 1)} min`, textOf(machine)];
  };
  return table(['part', 'measured', 'commit', 'took', 'on'], PART_IDS.map(row));
}

function textOf({ processor, cores, memoryMb, kernel, node }: Machine): string {
  return `${cores} cores of ${processor}, ${figure(memoryMb)} MB, ${kernel}, Node ${node}`;
}
