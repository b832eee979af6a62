/**
 * `npm run bench`: the pipeline as ratios against a peer that is measured in the same run, and the server's own figures.
 * Markdown on stdout.
 */
import { cpus, totalmem } from 'node:os';
import { toMb } from '../../common/memory/source.ts';
import { benchLoad } from './load.ts';
import { benchPipeline } from './pipeline.ts';
import { benchStore } from './store.ts';

const processors = cpus();
process.stdout.write(
  `Machine: ${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${toMb(totalmem())} MB, Node ${process.version}\n\n`,
);
process.stdout.write(`${(await benchPipeline()).markdown}\n`);
process.stdout.write(`${(await benchStore()).markdown}\n`);
process.stdout.write(`${(await benchLoad()).markdown}\n`);
