/**
 * `npm run check`: types, lint, format and generated files, each as its own tool says it; all are run, so that one
 * look shows everything. Exits 1 when any fails.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const CHECKS: readonly (readonly [what: string, command: string, args: readonly string[], remedy: string])[] =
  [
    ['generated files', process.execPath, ['crds/generate.ts', '--check'], 'npm run generate'],
    ['docs', process.execPath, ['test/docs/reasons.ts', '--check'], 'npm run generate'],
    ['benchmarks', process.execPath, ['test/docs/benchmarks.ts', '--check'], 'npm run generate'],
    ['chart', process.execPath, ['test/docs/chartCrd.ts', '--check'], 'npm run generate'],
    ['types', bin('tsc'), ['--project', '.'], 'correct what tsc names'],
    ...['controller/render/page/client', 'test/browser'].map(
      // These know the browser.
      (folder) =>
        [`types of ${folder}`, bin('tsc'), ['--project', folder], 'correct what tsc names'] as const,
    ),
    ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings'], 'correct what oxlint names'],
    ['format', bin('oxfmt'), ['--check', '.'], 'npm run format'],
  ];

let failed = 0;
for (const [what, command, args, remedy] of CHECKS) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) continue;
  failed++;
  process.stderr.write(
    `check: ${what} failed${error ? ` (${error.message}; run: npm ci)` : ''}. Remedy: ${remedy}\n`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;
