import { DatabaseSync, StatementSync } from 'node:sqlite';

export interface DiskOptions {
  /** The folder whose databases are meant. */
  readonly folder: () => string;
  /** Before each statement that writes, and before each commit. */
  readonly onWrite: () => void;
  /** Whether the disk takes nothing more. */
  readonly isFull: () => boolean;
}

/** Stands between SQLite and its disk, until disposed of. */
export function interceptDisk({ folder, onWrite, isFull }: DiskOptions): Disposable {
  const database = DatabaseSync.prototype;
  const statement = StatementSync.prototype;
  // oxlint-disable-next-line unbound-method -- called on the object they are of
  const { exec, prepare } = database;
  // oxlint-disable-next-line unbound-method -- called on the object they are of
  const { run } = statement;
  const owners = new WeakMap<StatementSync, DatabaseSync>();
  const write = (db: DatabaseSync | undefined): void => {
    if (!db?.location()?.startsWith(`${folder()}/`)) return;
    onWrite();
    if (isFull())
      // SQLITE_FULL: https://www.sqlite.org/rescode.html#full
      throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
  };
  database.prepare = function (this: DatabaseSync, ...given) {
    const prepared = prepare.apply(this, given);
    owners.set(prepared, this);
    return prepared;
  };
  database.exec = function (this: DatabaseSync, sql) {
    if (sql === 'COMMIT') write(this);
    exec.call(this, sql);
  };
  statement.run = function (this: StatementSync, ...given: Parameters<StatementSync['run']>) {
    write(owners.get(this));
    return run.apply(this, given);
  } as StatementSync['run'];
  return {
    [Symbol.dispose]: () => {
      Object.assign(database, { exec, prepare });
      Object.assign(statement, { run });
    },
  };
}
