import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { VideoEvent } from '../../../controller/render/resources/resourceStore.ts';
import { resourceWorld } from './resourceWorld.ts';

const WRITER = join(import.meta.dirname, 'resourceWriter.ts');

suite('a process that is killed while it writes', () => {
  test('loses nothing that it said was done, and the log tells the same as the objects', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'resources-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'resources.db');
    const said: string[] = [];
    for (let kill = 0; kill < 6; kill++) {
      said.push(...(await writeAndKill(file, Math.random() * 60)));
      const { videos, close } = resourceWorld(t, { file });
      const lines = said.map((line) => line.split(' ') as [string, string, string]);
      // Whoever was told a version is never given it again.
      assert.ok(videos.version >= Math.max(1, ...lines.map(([, , version]) => Number(version))));
      const last = new Map(lines.map(([word, name]) => [name, word]));
      for (const [name, word] of last) {
        const video = videos.get({ namespace: 'default', name });
        // The one step that may have been done and not been said is the one that follows.
        if (word === 'gone') assert.equal(video, undefined, name);
        if (word === 'created') assert.ok(video, name);
        if (word === 'changed') assert.equal(video ? video.status?.phase : 'Ready', 'Ready', name);
        if (word === 'deleting') assert.ok(video === undefined || video.metadata.deletionTimestamp, name);
      }
      assert.deepEqual(
        await replay(videos.watch({ after: 1 }, AbortSignal.timeout(10_000)), videos.version),
        namesOf(videos.list().items),
      );
      close();
      assert.deepEqual(integrity(file), ['ok']);
    }
    assert.ok(said.length > 20, `${said.length} writes`);
  });
});

/** What a writer said before it was killed, some milliseconds after its first word. */
async function writeAndKill(file: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child.stdout, 'data');
  await delay(afterMs);
  child.kill('SIGKILL');
  await once(child, 'close');
  // The last line may be cut.
  return text.split('\n').slice(0, -1);
}

/** The names that are left when all changes are followed from the first. */
async function replay(events: AsyncIterable<VideoEvent>, until: number): Promise<string[]> {
  const present = new Map<string, string>();
  for await (const event of events) {
    if (event.type === 'BOOKMARK') continue;
    const { name, resourceVersion } = event.video.metadata;
    if (event.type === 'DELETED') present.delete(name);
    else present.set(name, resourceVersion);
    if (Number(resourceVersion) === until) break;
  }
  return [...present].map(([name, version]) => `${name}@${version}`).sort();
}

function namesOf(items: readonly { metadata: { name: string; resourceVersion: string } }[]): string[] {
  return items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
}

function integrity(file: string): unknown[] {
  const db = new DatabaseSync(file);
  const rows = db.prepare('PRAGMA integrity_check').all();
  db.close();
  return rows.map((row) => row['integrity_check']);
}
