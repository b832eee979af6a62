import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { sqliteRecordStore } from '../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../jobrunner/adapters/sqlite/vectorStore.ts';
import { recordStoreSuite } from './recordStore.suite.ts';
import { vectorStoreSuite } from './vectorStore.suite.ts';

const root = mkdtempSync(join(tmpdir(), 'loomvideo-contract-'));
after(() => rmSync(root, { recursive: true, force: true }));

const open = (name: string): SqliteDatabase => new SqliteDatabase({ file: join(root, name, 'loomvideo.db') });

vectorStoreSuite('sqlite', 384, () => Promise.resolve(sqliteVectorStore(open('vectors'))));
recordStoreSuite('sqlite', () => Promise.resolve(sqliteRecordStore(open('records'))));
