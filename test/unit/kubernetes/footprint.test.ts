import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Modules that loading the operator loads: Node's own by `builtin`, packages by `package`. */
async function loadedBy(file: string): Promise<{ builtin: string[]; packages: string[] }> {
  const script = `
    await import(${JSON.stringify(join(ROOT, file))});
    const files = Object.keys((await import('node:module')).createRequire('/')('node:module')._cache);
    console.log(JSON.stringify({
      builtin: process.moduleLoadList,
      packages: [...new Set(files.map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1]))],
    }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
  });
  return JSON.parse(stdout) as { builtin: string[]; packages: string[] };
}

describe('what the operator keeps in memory from its start', () => {
  it('has nothing in it that a pod never uses', async () => {
    const { builtin, packages } = await loadedBy('controller/kubernetes/operator.ts');
    assert.ok(builtin.some((name) => name.endsWith(' https')));
    assert.deepEqual(
      builtin.filter((name) => /undici/.test(name)),
      [],
      'undici: 13 MB',
    );
    assert.ok(packages.includes('prom-client'));
    for (const name of ['@kubernetes/client-node', 'undici', 'yaml'])
      assert.ok(!packages.includes(name), `${name} is loaded`);
  });
});
