import { controllerPlots, controllerTables } from '../controller/tables.ts';
import { loadTables } from '../load/tables.ts';
import { pipelinePlots, pipelineTables } from '../pipeline/tables.ts';
import type { FiguresOf, PartId, Results } from './results.ts';
import type { Plot, Section } from './section.ts';
import { storePlots, storeTables } from '../store/tables.ts';

/** How a part's figures are shown. */
export interface Renderer {
  readonly id: PartId;
  /** What the documents may name, also while there are no figures. */
  readonly tableIds: readonly string[];
  /** Undefined where the part was not measured yet. */
  render(results: Results): Pick<Section, 'tables' | 'plots'> | undefined;
}

function renderer<P extends PartId>(
  id: P,
  tableIds: readonly string[],
  tablesOf: (figures: FiguresOf[P]) => Section['tables'],
  plotsOf: (figures: FiguresOf[P]) => readonly Plot[],
): Renderer {
  return {
    id,
    tableIds,
    render(results) {
      const measured = results[id];
      return measured && { tables: tablesOf(measured.figures), plots: plotsOf(measured.figures) };
    },
  };
}

/** In the order in which they are shown. */
export const RENDERERS: readonly Renderer[] = [
  renderer('pipeline', ['pipeline'], pipelineTables, pipelinePlots),
  renderer('controller', ['controller'], controllerTables, controllerPlots),
  renderer('store', ['store', 'store-vectors'], storeTables, storePlots),
  renderer('load', ['load'], loadTables, () => []),
];
