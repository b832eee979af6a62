import { mkdirSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Held until released or until the process dies, however it dies. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock that `path` stands for, or returns undefined at once when another process holds it. The lock is
 * SQLite's lock on that file, so the operating system frees it with the process: no stale lock is ever left, as there
 * would be with a file that names a pid. The empty file stays (removing it would race with the next taker); its
 * modification time says when it was last taken, for whoever sweeps old ones.
 */
export function tryLock(path: string, now: Date): FileLock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  utimesSync(path, now, now);
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY = 5, https://sqlite.org/rescode.html
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
