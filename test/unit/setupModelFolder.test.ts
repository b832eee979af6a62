import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readManifest } from '../../jobrunner/setup/manifest.ts';
import { intactManifest, publish } from '../../jobrunner/setup/modelFolder.ts';

describe('a model folder', () => {
  let work = '';
  let folder = '';
  const intact = async (): Promise<boolean> => (await intactManifest(folder, () => true)) !== undefined;
  const make = async (weights: string): Promise<void> => {
    const made = join(work, 'made');
    await mkdir(made);
    await writeFile(join(made, 'model.bin'), weights);
    await writeFile(join(made, 'config.json'), '{}');
    const identity = {
      name: 'tiny',
      multilingual: true,
      source: 'a test',
      license: 'MIT',
      converterVersion: 1,
    };
    await publish(made, folder, { ...identity, name: 'tiny' });
  };

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'models-'));
    folder = join(work, 'models', 'whisper');
    await make('weights');
  });
  afterEach(() => rm(work, { recursive: true, force: true }));

  it('says what it holds', async () => {
    const manifest = await readManifest(folder);
    assert.equal(manifest?.name, 'tiny');
    assert.deepEqual(Object.keys(manifest?.files ?? {}), ['config.json', 'model.bin']);
    assert.equal(manifest?.files['config.json']?.size, 2);
    assert.ok(await intact());
  });

  it('is not taken when it is of another version', async () =>
    assert.equal(await intactManifest(folder, ({ converterVersion }) => converterVersion === 2), undefined));

  for (const [damage, inflict] of [
    ['a truncated file', () => truncate(join(folder, 'model.bin'), 3)],
    [
      'other bytes of the same length',
      async () => {
        await writeFile(join(folder, 'model.bin'), 'WEIGHTS');
        // The file system's clock may be too coarse to tell this moment from that of the first writing.
        await utimes(join(folder, 'model.bin'), new Date(0), new Date(0));
      },
    ],
    ['a missing file', () => rm(join(folder, 'config.json'))],
    ['a missing manifest', () => rm(join(folder, 'manifest.json'))],
    ['a manifest cut short', () => truncate(join(folder, 'manifest.json'), 10)],
    ['a manifest of something else', () => writeFile(join(folder, 'manifest.json'), '{"name":1}')],
  ] as const)
    it(`is not taken with ${damage}`, async () => {
      await inflict();
      assert.equal(await intact(), false);
    });

  it('is taken when its files are right, although they were copied or touched', async () => {
    await utimes(join(folder, 'model.bin'), new Date(0), new Date(0));
    assert.ok(await intact());
    const copy = join(work, 'copy');
    await cp(folder, copy, { recursive: true });
    assert.ok(await intactManifest(copy, () => true));
  });

  it('is replaced as a whole', async () => {
    await writeFile(join(folder, 'leftover'), '');
    await make('better weights');
    assert.deepEqual((await readdir(folder)).sort(), [
      'config.json',
      'manifest.json',
      'model.bin',
      'verified.json',
    ]);
    assert.ok(await intact());
  });
});
