import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';

/** Columns that tell when a row was written, not what it says. */
const TIMES = /(_at|rowid)$/;

/** Every row of every table of the embedded store, by table, as comparable text; empty where there is no store. */
export function dumpStore(dataDir: string): Record<string, string[]> {
  const file = join(dataDir, 'loomvideo.db');
  if (!existsSync(file)) return {};
  const database = new DatabaseSync(file, { readOnly: true, allowExtension: true });
  try {
    database.loadExtension(getLoadablePath());
    const tables = database
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`,
      )
      .all()
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith('sqlite_') && !/_(data|idx|docsize|config|content)$/.test(name));
    return Object.fromEntries(
      tables.map((name) => [
        name,
        database
          .prepare(`SELECT * FROM "${name}"`)
          .all()
          .map((row) =>
            JSON.stringify(
              Object.entries(row).filter(([column]) => !TIMES.test(column)),
              bytes,
            ),
          )
          .toSorted(),
      ]),
    );
  } finally {
    database.close();
  }
}

function bytes(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}
