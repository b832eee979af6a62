/**
 * Preloaded into each test file: one whose tests are over and that does not end (a server, a timer, a child left behind)
 * fails and says what it holds, where Node would wait without end.
 */
import { after } from 'node:test';
import { getActiveResourcesInfo } from 'node:process';

/** The hooks that clear away after the tests are within it: a cluster takes longest to empty. */
const PATIENCE_MS = 120_000;

// Set by Node's runner in the processes of its files, not in its own.
if (process.env['NODE_TEST_CONTEXT'] !== undefined)
  after(() => {
    setTimeout(() => {
      const held = [...new Set(getActiveResourcesInfo())].join(', ');
      process.stderr.write(
        `${process.argv[1]}: does not end ${PATIENCE_MS / 1000} s after its tests. It holds: ${held}\n`,
      );
      process.exit(1);
    }, PATIENCE_MS).unref();
  });
