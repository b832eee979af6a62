import type { DatabaseSync } from 'node:sqlite';
import { openOwnDatabase } from '../../../../jobrunner/adapters/sqlite/ownDatabase.ts';
import { APPLICATION_ID, SCHEMA_VERSION, TABLES } from './tables.ts';

/** Milliseconds to wait for another process that has the file open, such as a backup. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the file of the resources; see openOwnDatabase. `synchronous` stays FULL: what was answered with success is on the
 * disk, whatever ends the process or the machine.
 */
export function openResourceDatabase(file: string): DatabaseSync {
  return openOwnDatabase({
    file,
    options: { timeout: BUSY_TIMEOUT_MS },
    applicationId: APPLICATION_ID,
    version: SCHEMA_VERSION,
    tables: TABLES,
    startOver: 'add the videos again',
    settings: () =>
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216',
  });
}
