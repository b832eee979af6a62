import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sandbox } from '../support/cli.ts';
import { launchRender, startRender } from './renderServer.ts';

/** Nothing is downloaded for it. */
function suspended(name: string): string {
  return `apiVersion: qudemo.dev/v1alpha1
kind: LoomVideo
metadata: { name: ${name} }
spec:
  url: https://www.loom.com/share/0123456789abcdef0123456789abcdef
  suspend: true
`;
}

describe('the manifests folder of a running server', () => {
  it('killed while it applies and while it prunes: each video is there once, as the folder says, and is its own', async (t) => {
    const box = await sandbox(t);
    const folder = join(box.root, 'videos');
    mkdirSync(folder);
    const env = { ...box.env, LOOMVIDEO_MANIFESTS_DIR: folder };
    const all = Array.from({ length: 200 }, (_, n) => `v${String(n).padStart(3, '0')}`);
    for (const name of all) writeFileSync(join(folder, `${name}.yaml`), suspended(name));

    const seen = new Map<string, string>();
    for (const afterMs of [0, 40, 120]) {
      const server = await startRender(t, env);
      await server.says(/LoomVideo default\/v\d+ created/).catch(() => undefined);
      await delay(afterMs);
      for (const { metadata } of await server.list()) {
        // Whoever was made before the kill was remembered with it: nobody is made twice.
        assert.equal(seen.get(metadata.name) ?? metadata.uid, metadata.uid);
        seen.set(metadata.name, metadata.uid);
        assert.equal(metadata.labels?.['qudemo.dev/managed-by'], 'manifests');
        assert.equal(metadata.annotations?.['qudemo.dev/manifest'], `${metadata.name}.yaml`);
      }
      await server.end('SIGKILL');
      if (seen.size === all.length) break;
    }

    for (const name of all.slice(2)) rmSync(join(folder, `${name}.yaml`));
    writeFileSync(join(folder, 'broken.yaml'), 'kind: [');
    const pruning = await startRender(t, env);
    await pruning.says(/default\/v\d+ pruned/);
    await pruning.end('SIGKILL');

    const server = await startRender(t, env);
    await server.says(/Manifest broken\.yaml, document 1 \(line 1\)/);
    const left = await server.until((videos) => videos.length === 2);
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      all.slice(0, 2),
    );
    const { folder: told, files } = (await (await server.request('/api/manifests')).json()) as {
      folder: string;
      files: { file: string; documents: number; errors: { document: number; line: number }[] }[];
    };
    assert.equal(told, folder);
    assert.deepEqual(
      files.map(({ file, documents, errors }) => [file, documents, errors.length]),
      [
        ['broken.yaml', 0, 1],
        ['v000.yaml', 1, 0],
        ['v001.yaml', 1, 0],
      ],
    );
    assert.equal((await server.end('SIGTERM')).code, 0);

    const version = async (): Promise<string> => {
      const again = await startRender(t, env);
      await delay(1000);
      const list = (await (await again.request('/apis/qudemo.dev/v1alpha1/loomvideos')).json()) as {
        metadata: { resourceVersion: string };
      };
      await again.end('SIGTERM');
      return list.metadata.resourceVersion;
    };
    const before = await version();
    assert.equal(await version(), before, 'a start writes nothing where nothing changed');
  });

  it('one that is not there is a setting to correct', async (t) => {
    const box = await sandbox(t);
    const folder = join(box.root, 'nowhere');
    const { child } = launchRender({ ...box.env, LOOMVIDEO_MANIFESTS_DIR: folder });
    const { code, stderrTail } = await child.exited;
    assert.equal(code, 40);
    assert.ok(stderrTail.includes(`LOOMVIDEO_MANIFESTS_DIR is ${folder}`), stderrTail);
  });
});
