import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { Caller } from './gateway.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../../jobrunner/adapters/supabase/migrations');

/**
 * The roles of a Supabase project that matter here. Its `postgres`, which runs migrations, is no superuser; what has
 * that name in PGlite is one, so another plays it.
 */
const ROLES = `
  create role project_owner nologin createrole bypassrls;
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  create role authenticator noinherit login;
  grant anon, authenticated, service_role to authenticator;
  grant all on schema public to project_owner;
  grant usage on schema public to anon, authenticated, service_role;
`;

/** What projects had before May 2026: every new table and function is open to the API's roles. */
const OLD_DEFAULTS = `
  alter default privileges for role project_owner in schema public
    grant all on tables to anon, authenticated, service_role;
  alter default privileges for role project_owner in schema public
    grant all on functions to anon, authenticated, service_role;
`;

export type Migration = '0001_loomvideo' | '0002_loomvideo_anon';

/** A project's database. PGlite runs one statement or transaction at a time, whoever asks. */
export class ProjectDatabase {
  readonly #db: PGlite;

  private constructor(db: PGlite) {
    this.#db = db;
  }

  static async open(oldDefaults: boolean): Promise<ProjectDatabase> {
    const db = await PGlite.create();
    await db.exec(ROLES);
    if (oldDefaults) await db.exec(OLD_DEFAULTS);
    return new ProjectDatabase(db);
  }

  /** As an administrator. */
  async sql<Row = Record<string, unknown>>(query: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.#db.query<Row>(query, params)).rows;
  }

  /** Several statements at once, as an administrator. */
  async script(text: string): Promise<void> {
    await this.#db.exec(text);
  }

  /** Runs a migration's file, or the given text in its place, as the project's owner does. */
  async migrate(name: Migration, change = (text: string): string => text): Promise<void> {
    const text = change(await readFile(join(MIGRATIONS, `${name}.sql`), 'utf8'));
    await this.#db.exec('set role project_owner');
    try {
      await this.#db.exec(text);
    } finally {
      // A script that failed half-way leaves its transaction open.
      await this.#db.exec('rollback');
      await this.#db.exec('reset role');
    }
  }

  /** One request of PostgREST: one transaction, in the caller's role (src/library/PostgREST/Query/PreQuery.hs). */
  asCaller<T>(
    { role, claims }: Caller,
    access: 'read only' | 'read write',
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction(async (transaction) => {
      await transaction.exec(`set transaction ${access}`);
      await transaction.query(
        `select set_config('search_path', 'public', true), set_config('request.jwt.claims', $1, true),
                set_config('role', $2, true)`,
        [JSON.stringify(claims), role],
      );
      return work(transaction);
    });
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
