import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../../../jobrunner/adapters/sqlite/transaction.ts';
import { StageError } from '../../../../jobrunner/contract/stageError.ts';
import { APPLICATION_ID, SCHEMA_VERSION, TABLES } from './tables.ts';

/** Milliseconds to wait for another process that has the file open, such as a backup. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the file of the resources, making it and its folder where they are absent. Blocks. Throws StageError for a file
 * that is not ours to use, and SQLite's own errors otherwise (see storeError.ts of the embedded store).
 *
 * `synchronous` stays FULL: what was answered with success is on the disk, whatever ends the process or the machine.
 */
export function openResourceDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    const isNew = checkIdentity(db, file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216');
    if (isNew) inTransaction(db, () => createTables(db, file));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whether the file is empty. Throws when it is another program's, or another version's, before anything is changed. */
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
        `this one knows ${SCHEMA_VERSION}). Use that version, or move the file away and add the videos again.`,
    );
  return false;
}

function createTables(db: DatabaseSync, file: string): void {
  // Another process may have been faster.
  if (!checkIdentity(db, file)) return;
  db.exec(TABLES);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
}

function numberOf(db: DatabaseSync, sql: string): number {
  return Number(db.prepare(sql).get()?.['n']);
}
