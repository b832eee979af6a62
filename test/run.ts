/**
 * `npm test`: the check and every tier that needs no cluster. `npm test -- unit process/fetch` runs the tiers or files
 * whose path begins so.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = import.meta.dirname;
const TIERS = ['unit', 'contract', 'process', 'browser'];

/** Test files that run side by side. The heavy ones load models: two fill the machines we build on. */
const CONCURRENCY = 2;

/** Many times what the longest test takes: a test that hangs shall not hang the caller. */
const TEST_TIMEOUT_MS = 600_000;

const wanted = process.argv.slice(2);
const files = TIERS.flatMap((tier) => globSync(`${tier}/**/*.test.ts`, { cwd: root }).sort())
  .filter((file) => wanted.length === 0 || wanted.some((prefix) => file.startsWith(prefix)))
  .map((file) => join(root, file));

if (files.length === 0) {
  process.stderr.write(`No test file begins with ${wanted.join(' or ')}. Tiers: ${TIERS.join(', ')}\n`);
  process.exit(2);
}

const run = (args: readonly string[]): number =>
  spawnSync(process.execPath, args, { cwd: join(root, '..'), stdio: 'inherit' }).status ?? 1;

const check = wanted.length === 0 ? run([relative(join(root, '..'), join(root, 'check.ts'))]) : 0;
const tests = run([
  '--test',
  `--test-concurrency=${CONCURRENCY}`,
  '--test-reporter=spec',
  `--test-timeout=${TEST_TIMEOUT_MS}`,
  `--import=${join(root, 'support', 'endOfFile.ts')}`,
  ...files,
]);
process.exitCode = check === 0 && tests === 0 ? 0 : 1;
