import type { RecordStore } from '../../ports.ts';
import type { SqliteDatabase } from './sqliteDatabase.ts';

/** Records in the embedded store's file, searched by FTS5. `close` closes the file when no other store uses it. */
export function sqliteRecordStore(database: SqliteDatabase): RecordStore {
  const close = database.share();
  return {
    kind: 'sqlite',
    save: (record, { signal }) => database.run('saveRecord', [record], signal),
    find: (key, { signal }) => database.run('findRecord', [key], signal),
    purge: (owner, { signal }) => database.run('purgeRecord', [owner], signal),
    searchText: (query, limit, { signal }) => database.run('searchPassages', [query, limit], signal),
    passages: (hits, { signal }) => database.run('findPassages', [hits], signal),
    close,
  };
}
