import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { StageError } from '../../contract/stageError.ts';
import { inTransaction } from './transaction.ts';

/** A file of ours: what marks it, what is in it, and how it is opened. */
export interface OwnDatabase {
  readonly file: string;
  readonly options: DatabaseSyncOptions;
  readonly applicationId: number;
  /** Of the tables; a file of another version is refused. */
  readonly version: number;
  readonly tables: string;
  /** What to do once a file of another version is moved away: `process the videos again`. */
  readonly startOver: string;
  /** Runs first, on any file. */
  readonly prepare?: (db: DatabaseSync) => void;
  /** Settings of the connection; those of a new file must come before its first table. */
  readonly settings: (isNew: boolean) => string;
}

/**
 * Opens the file, making it, its folder and its tables where they are absent. Blocks. Throws StageError for a file that is
 * not ours to use, before anything is changed, and SQLite's own errors otherwise (see storeError.ts).
 */
export function openOwnDatabase(own: OwnDatabase): DatabaseSync {
  mkdirSync(dirname(own.file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(own.file, own.options);
  try {
    own.prepare?.(db);
    const isNew = checkIdentity(db, own);
    db.exec(own.settings(isNew));
    if (isNew) inTransaction(db, () => createTables(db, own));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whether the file is empty. Throws when it is another program's, or another version's. */
function checkIdentity(
  db: DatabaseSync,
  { file, applicationId, version: ours, startOver }: OwnDatabase,
): boolean {
  if (numberOf(db, 'SELECT count(*) AS n FROM sqlite_schema') === 0) return true;
  if (numberOf(db, 'SELECT application_id AS n FROM pragma_application_id') !== applicationId)
    throw new StageError(
      'StoreMisconfigured',
      `${file} is the database of another program. Move it away, or set LOOMVIDEO_DATA_DIR to a folder of its own.`,
    );
  const version = numberOf(db, 'SELECT user_version AS n FROM pragma_user_version');
  if (version !== ours)
    throw new StageError(
      'StoreMisconfigured',
      `${file} was written by a ${version > ours ? 'newer' : 'different'} version of LoomVideo (tables ${version}, ` +
        `this one knows ${ours}). Use that version, or move the file away and ${startOver}.`,
    );
  return false;
}

function createTables(db: DatabaseSync, own: OwnDatabase): void {
  // Another process may have been faster.
  if (!checkIdentity(db, own)) return;
  db.exec(own.tables);
  db.exec(`PRAGMA application_id = ${own.applicationId}; PRAGMA user_version = ${own.version}`);
}

function numberOf(db: DatabaseSync, sql: string): number {
  return Number(db.prepare(sql).get()?.['n']);
}
