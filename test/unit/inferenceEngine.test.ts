import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { runChild } from '../../common/childProcess.ts';
import { venvPython } from '../../jobrunner/setup/folders.ts';

const ROOT = join(import.meta.dirname, '../..');

it("the inference engine's own tests pass (test/unit/inference, Python's unittest)", async () => {
  const python = venvPython({ env: process.env, root: ROOT });
  assert.ok(existsSync(python), `${python} is missing. To make it: npm run setup`);
  const { code, stderrTail } = await runChild({
    command: python,
    args: ['-B', '-m', 'unittest', 'discover', '-s', join(ROOT, 'test/unit/inference')],
    env: { ...process.env, PYTHONPATH: join(ROOT, 'jobrunner/inference') },
  });
  assert.equal(code, 0, stderrTail);
  assert.match(stderrTail, /Ran \d+ tests/);
});
