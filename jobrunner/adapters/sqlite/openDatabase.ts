import type { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';
import { StageError } from '../../contract/stageError.ts';
import { openOwnDatabase } from './ownDatabase.ts';
import { APPLICATION_ID, SCHEMA_VERSION, TABLES } from './schema.ts';

export interface OpenOptions {
  readonly file: string;
  /** Milliseconds to wait for another process' write to end. */
  readonly busyTimeoutMs: number;
}

/** Opens the store's file; see openOwnDatabase. */
export function openDatabase({ file, busyTimeoutMs }: OpenOptions): DatabaseSync {
  return openOwnDatabase({
    file,
    options: { allowExtension: true, timeout: busyTimeoutMs },
    applicationId: APPLICATION_ID,
    version: SCHEMA_VERSION,
    tables: TABLES,
    startOver: 'process the videos again',
    prepare: loadVectorFunctions,
    // 16 KiB pages hold ten vectors of 384 numbers; the default of 4 KiB wastes a quarter and scans 1.6 times slower.
    // 8 MB of cache: what is scanned comes from the kernel's, which gives way when memory is short.
    settings: (isNew) =>
      `${isNew ? 'PRAGMA page_size = 16384;' : ''}
       PRAGMA journal_mode = WAL; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 16777216`,
  });
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
