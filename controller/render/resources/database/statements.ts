import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** The SQL of the objects; that of the log of changes is with it. */
export interface Statements {
  readonly version: StatementSync;
  readonly setVersion: StatementSync;
  readonly get: StatementSync;
  readonly list: StatementSync;
  readonly count: StatementSync;
  readonly namespaces: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
}

export function prepareStatements(db: DatabaseSync): Statements {
  const some = `FROM objects WHERE (?1 IS NULL OR namespace = ?1) AND (?2 IS NULL OR name = ?2)
    AND (namespace, name) > (?3, ?4)`;
  return {
    version: db.prepare('SELECT version FROM counters'),
    setVersion: db.prepare('UPDATE counters SET version = ?'),
    get: db.prepare('SELECT object FROM objects WHERE namespace = ? AND name = ?'),
    list: db.prepare(`SELECT namespace, name, object ${some} ORDER BY namespace, name`),
    count: db.prepare(`SELECT count(*) AS n ${some}`),
    namespaces: db.prepare('SELECT DISTINCT namespace FROM objects ORDER BY namespace'),
    put: db.prepare(
      'INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT (namespace, name) DO UPDATE SET object = excluded.object',
    ),
    remove: db.prepare('DELETE FROM objects WHERE namespace = ? AND name = ?'),
  };
}
