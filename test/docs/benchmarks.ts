/**
 * Makes the benchmarks' tables and plots, in README.md and docs, from `docs/benchmarks/results.json`. `npm run generate` writes
 * them, as `npm run bench -- --render` does; `node test/docs/benchmarks.ts --check` exits 1 when one is stale.
 */
import { staleDocuments, writeDocuments } from '../bench/report/documents.ts';

if (!process.argv.includes('--check')) await writeDocuments();
else
  for (const path of await staleDocuments()) {
    process.stderr.write(`Stale: ${path}. Run: npm run generate\n`);
    process.exitCode = 1;
  }
