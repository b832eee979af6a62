import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { startManifests, type Manifests } from '../../../controller/render/manifests/manifests.ts';
import { threeWayPatch } from '../../../controller/render/manifests/threeWayPatch.ts';
import { systemClock } from '../../../common/clock.ts';
import { manifestsWorld, yaml, type ManifestsWorld } from './manifestsWorld.ts';

function start(t: TestContext, { videos, folder }: ManifestsWorld, path = folder): Manifests {
  const manifests = startManifests({
    folder: path,
    videos,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  t.after(() => manifests.stop());
  return manifests;
}

async function until(what: string, holds: () => boolean, withinMs = 5000): Promise<void> {
  for (const end = Date.now() + withinMs; !holds(); await delay(20))
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
}

describe('what changes in the folder', () => {
  it('is seen at once: new files, edits, new folders, broken files that are mended', async (t) => {
    const world = manifestsWorld(t);
    const { write, names, get, move } = world;
    write('a.yaml', yaml('a'));
    const { status } = start(t, world);
    await until('the first look', () => names().length === 1);
    write('b.yaml', yaml('b'));
    await until('a new file', () => names().length === 2);
    write('a.yaml', yaml('a', { more: ['timeout: 5m'] }));
    await until('an edit', () => get('a')?.spec.timeout === '5m');
    write('new/c.yaml', yaml('c'));
    await until('a new folder', () => names().length === 3);
    write('new/.d.tmp', yaml('d'));
    move('new/.d.tmp', 'new/d.yaml');
    await until('a file put in its place', () => names().length === 4);
    write('e.yaml', 'a: [');
    await until('a broken file', () => status().files.some(({ errors }) => errors.length > 0));
    write('e.yaml', yaml('e'));
    await until('it is mended', () => names().length === 5);
    await until('that is told', () => status().files.every(({ errors }) => errors.length === 0));
  });

  it('a video that is deleted by hand is made anew', async (t) => {
    const world = manifestsWorld(t);
    const { write, get, videos } = world;
    write('a.yaml', yaml('a'));
    start(t, world);
    await until('the first look', () => get('a') !== undefined);
    const uid = get('a')?.metadata.uid;
    videos.delete({ namespace: 'default', name: 'a' });
    await until('it is there again', () => get('a') !== undefined && get('a')?.metadata.uid !== uid);
  });

  it('a file that is gone: pruned after its ten seconds, without a further change', async (t) => {
    const world = manifestsWorld(t);
    const { write, remove, names } = world;
    write('a.yaml', yaml('a'));
    write('b.yaml', yaml('b'));
    start(t, world);
    await until('the first look', () => names().length === 2);
    remove('b.yaml');
    await delay(5000);
    assert.equal(names().length, 2);
    await until('it is pruned', () => names().length === 1, 10_000);
  });

  it('a change that nobody tells of is seen within a minute', async (t) => {
    const world = manifestsWorld(t);
    const { root, names } = world;
    // As git-sync does it: the folder is a link that is turned.
    for (const name of ['one', 'two']) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, 'a.yaml'), yaml('a'));
    }
    writeFileSync(join(root, 'two', 'b.yaml'), yaml('b'));
    symlinkSync('one', join(root, 'current'));
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const settled = async (holds: () => boolean): Promise<void> => {
      for (let n = 0; n < 2000 && !holds(); n++) await turn();
    };
    start(t, world, join(root, 'current'));
    t.mock.timers.tick(0);
    await settled(() => names().length === 1);
    symlinkSync('two', join(root, 'next'));
    renameSync(join(root, 'next'), join(root, 'current'));
    for (let n = 0; n < 500; n++) await turn();
    assert.deepEqual(names(), ['default/a']);
    t.mock.timers.tick(60_000);
    await settled(() => names().length === 2);
    assert.deepEqual(names(), ['default/a', 'default/b']);
  });

  it('after it is stopped nothing is written any more', async (t) => {
    const world = manifestsWorld(t);
    const { write, videos } = world;
    for (let n = 0; n < 200; n++) write(`${n}.yaml`, yaml(`v${n}`));
    const manifests = start(t, world);
    await until('it began', () => videos.list().items.length > 5);
    await manifests.stop();
    const { version } = videos;
    assert.ok(videos.list().items.length < 200);
    await delay(500);
    assert.equal(videos.version, version);
  });

  it('a folder that is there later is taken up', async (t) => {
    const world = manifestsWorld(t);
    const { folder, root, names } = world;
    renameSync(folder, join(root, 'away'));
    writeFileSync(join(root, 'away', 'a.yaml'), yaml('a'));
    const { status } = start(t, world);
    await until('it is missed', () => status().message !== undefined);
    renameSync(join(root, 'away'), folder);
    await until('it is found', () => names().length === 1, 15_000);
    assert.equal(status().message, undefined);
  });
});

describe('the patch of three', () => {
  for (const [name, before, wanted, current, patch] of [
    ['nothing to do', { a: 1 }, { a: 1 }, { a: 1, b: 2 }, {}],
    ['set', {}, { a: 1 }, {}, { a: 1 }],
    ['changed', { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }],
    ['set back', { a: 1 }, { a: 1 }, { a: 3 }, { a: 1 }],
    ['removed', { a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1 }, { b: null }],
    ['removed already', { b: 1 }, {}, {}, {}],
    ['of others', {}, {}, { a: 1 }, {}],
    ['within', { m: { a: 1, b: 1 } }, { m: { a: 2 } }, { m: { a: 1, b: 1, c: 1 } }, { m: { a: 2, b: null } }],
    ['lists as a whole', {}, { l: [1, 2] }, { l: [1] }, { l: [1, 2] }],
    ['an object for a value', {}, { a: { b: 1 } }, { a: 1 }, { a: { b: 1 } }],
    ['a value for an object', {}, { a: 1 }, { a: { b: 1 } }, { a: 1 }],
    ['a null where nothing is', {}, { a: null }, {}, {}],
    ['a name that all objects have', { constructor: 1 }, {}, {}, {}],
  ] as const)
    it(name, () => assert.deepEqual(threeWayPatch(before, wanted, current), patch));
});
