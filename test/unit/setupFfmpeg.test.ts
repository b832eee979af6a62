import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ffmpegVersion, locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { SetupError } from '../../jobrunner/setup/step.ts';

const IN_WHEEL = '.venv/lib/python3.11/site-packages/imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v9.0.2';
const FFMPEG_STATIC = 'node_modules/ffmpeg-static';

describe('locateFfmpeg', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'ffmpeg test '));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const file = async (path: string, mode = 0o755): Promise<string> => {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, '#!/bin/sh\n', { mode });
    return full;
  };
  const staticPackage = async (project: string): Promise<string> => {
    const binary = join(root, project, FFMPEG_STATIC, 'ffmpeg');
    await file(`${project}/${FFMPEG_STATIC}/index.js`);
    await writeFile(
      join(root, project, FFMPEG_STATIC, 'index.js'),
      `module.exports = ${JSON.stringify(binary)}`,
    );
    return binary;
  };

  it('takes FFMPEG_PATH before all others', async () => {
    const path = await file('named/my-ffmpeg');
    await staticPackage('named');
    await file(`named/${FFMPEG_STATIC}/ffmpeg`);
    const found = await locateFfmpeg({ env: { FFMPEG_PATH: path }, root: join(root, 'named') });
    assert.deepEqual(found, { path, source: 'FFMPEG_PATH' });
  });

  it('then ffmpeg-static', async () => {
    const path = await staticPackage('npm');
    await file(`npm/${FFMPEG_STATIC}/ffmpeg`);
    const PATH = dirname(await file('npm/bin/ffmpeg'));
    const found = await locateFfmpeg({ env: { PATH }, root: join(root, 'npm') });
    assert.deepEqual(found, { path, source: 'ffmpeg-static' });
  });

  it('passes over an ffmpeg-static whose download failed, and what is not executable on the PATH', async () => {
    await staticPackage('path');
    const folders = [
      dirname(await file('path/bin1/ffmpeg', 0o644)),
      dirname(await file('path/bin2/ffmpeg')),
      dirname(await file('path/bin3/ffmpeg')),
    ];
    await file(`path/${IN_WHEEL}`);
    const found = await locateFfmpeg({ env: { PATH: folders.join(':') }, root: join(root, 'path') });
    assert.deepEqual(found, { path: join(root, 'path/bin2/ffmpeg'), source: 'PATH' });
  });

  it('then the binary of the wheel, in .venv or where LOOMVIDEO_VENV says', async () => {
    const path = await file(`wheel/${IN_WHEEL}`);
    const project = join(root, 'wheel');
    const expected = { path, source: 'imageio-ffmpeg' };
    assert.deepEqual(await locateFfmpeg({ env: { PATH: '' }, root: project }), expected);
    const env = { LOOMVIDEO_VENV: join(project, '.venv') };
    assert.deepEqual(await locateFfmpeg({ env, root: join(root, 'elsewhere') }), expected);
  });

  it('says how to get one when there is none', () =>
    assert.rejects(
      locateFfmpeg({ env: { PATH: '/nowhere' }, root: join(root, 'nothing') }),
      (error) => error instanceof SetupError && /no ffmpeg.*npm run setup.*FFMPEG_PATH/.test(error.message),
    ));

  it('does not pass over a wrong FFMPEG_PATH', () =>
    assert.rejects(
      locateFfmpeg({ env: { FFMPEG_PATH: '/nowhere/ffmpeg' }, root }),
      (error) => error instanceof SetupError && /FFMPEG_PATH names \/nowhere\/ffmpeg/.test(error.message),
    ));
});

describe('ffmpegVersion', () => {
  it('names the remedy for a binary that does not run', () =>
    assert.rejects(
      ffmpegVersion({ path: '/bin/false', source: 'PATH' }, {}),
      (error) =>
        error instanceof SetupError && /from PATH.*does not run.*set FFMPEG_PATH/.test(error.message),
    ));

  it('answers with the version of one that does', async () => {
    const root = join(import.meta.dirname, '../..');
    const version = await ffmpegVersion(await locateFfmpeg({ env: process.env, root }), {});
    assert.match(version, /\d+\.\d+/);
  });
});
