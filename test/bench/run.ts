/**
 * `npm run bench`: measures the project beside others in the same run, writes the figures to docs/benchmarks/results.json
 * and all tables and plots that are made of them; Markdown on stdout. See HELP for parts, options and exit codes.
 */
import { systemClock } from '../../common/clock.ts';
import { SetupError } from '../../jobrunner/setup/step.ts';
import { KUBERNETES_MODULE } from '../cluster/build/goModule.ts';
import { buildModule } from '../cluster/build/goTools.ts';
import { ROOT } from '../support/cli.ts';
import { blocksOf } from './report/blocks.ts';
import { benchController, prepareController } from './controller/benchController.ts';
import { writeDocuments } from './report/documents.ts';
import { benchLoad } from './load/benchLoad.ts';
import { describeCommit, describeMachine } from './report/machine.ts';
import { HELP, parseOptions, type Options } from './options.ts';
import { benchPipeline } from './pipeline/benchPipeline.ts';
import { pipelineTools } from './pipeline/tools.ts';
import { missingToMeasure, missingToPrepare } from './prerequisites.ts';
import { say } from './progress.ts';
import { RENDERERS } from './report/renderers.ts';
import {
  asWritten,
  readResults,
  writeResults,
  type FiguresOf,
  type PartId,
  type Results,
} from './report/results.ts';
import type { Section } from './report/section.ts';
import { benchStore } from './store/benchStore.ts';

const MEASURES: Readonly<Record<PartId, (options: Options) => Promise<Section<FiguresOf[PartId]>>>> = {
  pipeline: ({ runs }) => benchPipeline(runs === undefined ? {} : { runs }),
  controller: benchController,
  store: () => benchStore(),
  load: benchLoad,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
  if (options.task === 'prepare') return prepareAll(options);
  if (options.task === 'measure') return measureAll(options);
  if (options.task === 'render') await writeDocuments();
  else process.stdout.write(HELP);
  return 0;
}

/** Also builds Kubernetes, which takes too long to come as a surprise. */
async function prepareAll(options: Options): Promise<number> {
  if (lacks(await missingToPrepare(options.parts))) return 2;
  if (options.parts.includes('controller')) await buildModule(KUBERNETES_MODULE);
  return (await prepare(options)) ? 0 : 2;
}

/** Builds and installs what is measured beside ours, unless it is there. False where something is missing for it. */
async function prepare({ parts, peers }: Options): Promise<boolean> {
  try {
    if (parts.includes('pipeline')) await pipelineTools({ env: process.env, root: ROOT });
    if (parts.includes('controller')) await prepareController(peers);
    return true;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    lacks([error.message]);
    return false;
  }
}

/** Says what is missing, and whether anything is. */
function lacks(missing: readonly string[]): boolean {
  if (missing.length > 0) say(['this machine lacks:', ...missing.map((one) => `  - ${one}`)].join('\n'));
  return missing.length > 0;
}

async function measureAll(options: Options): Promise<number> {
  // All of it before anything is measured.
  if (lacks(await missingToMeasure(options.parts)) || !(await prepare(options))) return 2;
  let failed = 0;
  const measured: Results = {};
  for (const id of options.parts) {
    try {
      const found = await measure(id, options);
      Object.assign(measured, found);
      // At once: what later parts do shall not lose it.
      if (options.writes) {
        await writeResults({ ...(await readResults()), ...found });
        await writeDocuments();
      }
    } catch (error) {
      failed++;
      say(`${id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  process.stdout.write(markdownOf(asWritten(measured)));
  return failed === 0 ? 0 : 1;
}

async function measure(id: PartId, options: Options): Promise<Results> {
  say(`${id} …`);
  const commit = await describeCommit();
  const began = performance.now();
  const { figures } = await MEASURES[id](options);
  const tookSeconds = (performance.now() - began) / 1000;
  say(`${id}: ${(tookSeconds / 60).toFixed(1)} min`);
  const measuredAt = systemClock.now().toISOString();
  return { [id]: { measuredAt, commit, machine: describeMachine(), tookSeconds, figures } };
}

/** The tables of what was measured now. */
function markdownOf(results: Results): string {
  const blocks = blocksOf(results);
  const tables = RENDERERS.filter(({ id }) => id in results).flatMap(({ tableIds }) =>
    tableIds.map((id) => blocks.get(id) ?? ''),
  );
  return tables.length === 0
    ? ''
    : `${[blocks.get('summary'), blocks.get('measured'), ...tables].join('\n\n')}\n`;
}
