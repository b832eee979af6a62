import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';
import { StageError } from '../../contract/stageError.ts';
import { APPLICATION_ID, SCHEMA_VERSION, TABLES } from './schema.ts';
import { inTransaction } from './transaction.ts';

export interface OpenOptions {
  readonly file: string;
  /** Milliseconds to wait for another process' write to end. */
  readonly busyTimeoutMs: number;
}

/**
 * Opens the store's file, making it and its folder where they are absent. Blocks. Throws StageError for a file that is
 * not ours to use, and SQLite's own errors otherwise (see storeError.ts).
 */
export function openDatabase({ file, busyTimeoutMs }: OpenOptions): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(file, { allowExtension: true, timeout: busyTimeoutMs });
  try {
    loadVectorFunctions(db);
    const isNew = checkIdentity(db, file);
    // 16 KiB pages hold ten vectors of 384 numbers; the default of 4 KiB wastes a quarter and scans 1.6 times slower.
    if (isNew) db.exec('PRAGMA page_size = 16384');
    // 8 MB of cache: what is scanned comes from the kernel's, which gives way when memory is short.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 16777216');
    if (isNew) inTransaction(db, () => createTables(db, file));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whether the file is empty. Throws when it is another program's, or a newer version's, before anything is changed. */
function checkIdentity(db: DatabaseSync, file: string): boolean {
  if (numberOf(db, 'SELECT count(*) AS n FROM sqlite_schema') === 0) return true;
  if (numberOf(db, 'SELECT application_id AS n FROM pragma_application_id') !== APPLICATION_ID)
    throw new StageError(
      'StoreMisconfigured',
      `${file} is the database of another program. Move it away, or set LOOMVIDEO_DATA_DIR to a folder of its own.`,
    );
  const version = numberOf(db, 'SELECT user_version AS n FROM pragma_user_version');
  if (version !== SCHEMA_VERSION)
    throw new StageError(
      'StoreMisconfigured',
      `${file} was written by a ${version > SCHEMA_VERSION ? 'newer' : 'different'} version of LoomVideo (tables ${version}, ` +
        `this one knows ${SCHEMA_VERSION}). Use that version, or move the file away and process the videos again.`,
    );
  return false;
}

function createTables(db: DatabaseSync, file: string): void {
  // Another process may have been faster.
  if (!checkIdentity(db, file)) return;
  db.exec(TABLES);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
}

function loadVectorFunctions(db: DatabaseSync): void {
  try {
    db.loadExtension(getLoadablePath());
  } catch (error) {
    throw new StageError(
      'StoreMisconfigured',
      'sqlite-vec is not installed for this system. Run `npm ci` on it, without --omit=optional.',
      { cause: error },
    );
  } finally {
    db.enableLoadExtension(false);
  }
}

function numberOf(db: DatabaseSync, sql: string): number {
  return Number(db.prepare(sql).get()?.['n']);
}
