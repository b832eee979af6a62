import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { RuntimeStore } from '../../../controller/render/runtime/runtimeStore.ts';

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-store-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'runtime.db');
}

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

describe('the file of the runtime', () => {
  it("is not another program's", (t) => {
    const file = place(t);
    change(file, 'CREATE TABLE attempts (name TEXT)');
    assert.throws(() => new RuntimeStore(file), { reason: 'StoreMisconfigured', message: /another program/ });
    change(file, 'INSERT INTO attempts VALUES (1)');
  });

  it('is not one that is no database', (t) => {
    const file = place(t);
    writeFileSync(file, 'Not a database at all, but long enough to be looked at as one.'.repeat(20));
    assert.throws(() => new RuntimeStore(file), { reason: 'StoreMisconfigured', message: /not a database/ });
  });

  for (const version of [1, 99])
    it(`forgets what version ${version} wrote, rather than stopping the start`, (t) => {
      const file = place(t);
      const before = new RuntimeStore(file);
      assert.equal(before.placeOf('uid'), 1);
      before.close();
      change(file, `PRAGMA user_version = ${version}; CREATE TABLE of_that_version (x)`);
      const after = new RuntimeStore(file);
      assert.ok(!after.isKnown('uid'));
      assert.deepEqual([...after.videoUids()], []);
      after.close();
      const again = new RuntimeStore(file);
      assert.equal(again.placeOf('other'), 1);
      again.close();
    });

  it('keeps places in order over deletions', (t) => {
    const file = place(t);
    const store = new RuntimeStore(file);
    for (const uid of ['a', 'b', 'c']) store.placeOf(uid);
    store.forgetVideo('b');
    store.close();
    const again = new RuntimeStore(file);
    assert.ok(again.placeOf('d') > again.placeOf('c'));
    assert.ok(again.placeOf('c') > again.placeOf('a'));
    again.close();
  });
});
