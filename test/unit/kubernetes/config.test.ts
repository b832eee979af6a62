import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ConfigError, readControllerConfig } from '../../../controller/config.ts';
import { readJobSettings } from '../../../controller/kubernetes/job/readSettings.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe("the operator's configuration", () => {
  it('has sensible defaults', () => {
    const config = readControllerConfig({ WATCH_NAMESPACES: '', IMAGE: 'i' });
    assert.equal(config.watchNamespaces, undefined);
    assert.equal(config.maxConcurrent, 5);
    assert.equal(config.maxConcurrentPerNamespace, Number.POSITIVE_INFINITY);
    assert.equal(config.leaderElection, true);
    assert.equal(config.port, 8080);
  });

  it('reads lists and numbers', () => {
    const config = readControllerConfig({
      WATCH_NAMESPACES: 'team-a, team-b,team-a',
      MAX_CONCURRENT: '0',
      MAX_CONCURRENT_PER_NAMESPACE: '2',
    });
    assert.deepEqual(config.watchNamespaces, ['team-a', 'team-b']);
    assert.equal(config.maxConcurrent, Number.POSITIVE_INFINITY);
    assert.equal(config.maxConcurrentPerNamespace, 2);
  });

  for (const [name, value] of [
    ['WATCH_NAMESPACES', 'Team_A'],
    ['MAX_CONCURRENT', 'many'],
    ['SCOPE', 'a.b'],
    ['METRICS_PORT', '99999'],
    ['LEADER_ELECTION', 'maybe'],
    ['LOG_FORMAT', 'xml'],
  ] as const)
    it(`refuses ${name}=${value}, by name`, () =>
      assert.throws(
        () => readControllerConfig({ [name]: value }),
        (error) => error instanceof ConfigError && error.message.includes(name),
      ));
});

describe('the settings file', () => {
  for (const [what, name, text] of [
    ['JSON', 'job.json', '{ "image": "from-file", "cpuRequest": "1" }'],
    ['YAML', 'job.yaml', 'image: from-file\ncpuRequest: "1"\n'],
  ] as const)
    it(`is read as ${what}`, async () => {
      await using folder = await scratch();
      const file = join(folder.path, name);
      await writeFile(file, text);
      const settings = await readJobSettings({ file, image: 'from-environment' });
      assert.equal(settings.image, 'from-file');
      assert.equal(settings.cpuRequest, '1');
    });

  it('may be absent where IMAGE is set', async () =>
    assert.equal((await readJobSettings({ file: undefined, image: 'i' })).image, 'i'));

  for (const [what, text, words] of [
    ['is no object', '[]', /neither a JSON nor a YAML object/],
    ['is broken', '{ image: [', /job\.yaml/],
    ['names what is no setting', 'image: i\nimagee: j\n', /job\.yaml: imagee is not a setting/],
  ] as const)
    it(`is refused where it ${what}`, async () => {
      await using folder = await scratch();
      const file = join(folder.path, 'job.yaml');
      await writeFile(file, text);
      await assert.rejects(readJobSettings({ file, image: undefined }), words);
    });
});

describe('the entry', () => {
  for (const [what, args, env, code, words] of [
    ['help', ['--help'], {}, 0, /IMAGE/],
    ['a wrong option', ['--nonsense'], {}, 2, /nonsense/],
    [
      'a wrong variable',
      [],
      { MAX_CONCURRENT: 'x' },
      40,
      /^Environment: MAX_CONCURRENT must be integer\.\n$/,
    ],
    ['no image', [], {}, 40, /^IMAGE is not set: .*\n$/],
    ['no cluster', [], { IMAGE: 'i', KUBECONFIG: '/none' }, 40, /^The kubeconfig \/none .*\n$/],
  ] as const)
    it(`answers ${what} in a line, with exit code ${code}`, async () => {
      const run = promisify(execFile)(process.execPath, ['controller/main.ts', ...args], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], ...env },
      });
      const { status, output } = await run.then(
        ({ stdout }) => ({ status: 0, output: stdout }),
        (error: unknown) => {
          const { code: exit, stderr } = error as { code: number; stderr: string };
          return { status: exit, output: stderr };
        },
      );
      assert.equal(status, code);
      assert.match(output, words);
    });
});

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'loomvideo-settings-'));
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true }) };
}
