/** `npm run bench`: every figure a ratio against a peer that is measured in the same run. Markdown on stdout. */
import { cpus, totalmem } from 'node:os';
import { toMb } from '../../common/memory/source.ts';
import { benchPipeline } from './pipeline.ts';

const processors = cpus();
process.stdout.write(
  `Machine: ${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${toMb(totalmem())} MB, Node ${process.version}\n\n`,
);
process.stdout.write(`${(await benchPipeline()).markdown}\n`);
