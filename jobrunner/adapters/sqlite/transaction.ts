import type { DatabaseSync } from 'node:sqlite';

/** Runs `work` as one step: all of its writes are seen by others, or none. Waits for another process' write first. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  return run(db, 'BEGIN IMMEDIATE', work);
}

/** Runs several reads on one state of the database, without holding up writers. */
export function inSnapshot<T>(db: DatabaseSync, work: () => T): T {
  return run(db, 'BEGIN', work);
}

function run<T>(db: DatabaseSync, begin: string, work: () => T): T {
  db.exec(begin);
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite itself ends the transaction on some errors (a full disk, for one).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
