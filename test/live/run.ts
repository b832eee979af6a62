/**
 * `npm run test:live`: the contract suites of the ports against the real services, with the keys in the environment. It
 * writes under keys that begin with `suite.` and in a Pinecone namespace of its own, and removes both; use a project and
 * an index that are for tests. Without keys it says so and exits 40.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../jobrunner/contract/exitCodes.ts';
import { SERVICE_VARIABLES } from '../../jobrunner/serviceChoice.ts';

const missing = Object.values(SERVICE_VARIABLES)
  .flat()
  .filter((name) => !process.env[name]);

if (missing.length > 0) {
  process.stderr.write(
    `Not run: the live tests need the real services. Missing: ${missing.join(', ')}.\n` +
      'Set them to a test project, with 0001_loomvideo.sql applied and a Pinecone index of 1536 dimensions, and try again.\n',
  );
  process.exitCode = EXIT.configuration;
} else {
  const files = globSync('*.test.ts', { cwd: import.meta.dirname }).map((file) =>
    join(import.meta.dirname, file),
  );
  const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', ...files], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
