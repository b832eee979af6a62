import type { JsonObject } from '../../../../common/json.ts';
import { startStandIn, type ApiAnswer, type ApiRequest, type Route, type StandIn } from '../standIn.ts';
import { ProjectDatabase, type Migration } from './database.ts';
import { errorAnswer } from './errors.ts';
import { identify, type Caller } from './gateway.ts';
import { newProject, type ProjectKeys } from './keys.ts';
import { callFunction, readTable } from './postgrest.ts';

export interface SupabaseOptions {
  /** Applied in order before it serves; both unless told. */
  readonly migrations?: readonly Migration[];
  /** Whether new tables and functions are open to all the API's roles, as in projects made before May 2026. */
  readonly oldDefaults?: boolean;
  readonly host?: string;
  readonly port?: number;
}

/** A Supabase project: its gateway, PostgREST and a real PostgreSQL. Operations: `rpc:<function>` and `table`. */
export interface Supabase extends StandIn {
  readonly keys: ProjectKeys;
  /** A JWT signed with the project's secret, such as Supabase Auth gives to a user. */
  readonly sign: (claims: JsonObject) => string;
  /** As an administrator, past all rights. */
  sql<Row = Record<string, unknown>>(query: string, params?: unknown[]): Promise<Row[]>;
  /** Several statements at once, as an administrator. */
  script(text: string): Promise<void>;
  /** All rows of a table, past all rights. */
  rows(table: string): Promise<Record<string, unknown>[]>;
  /** Runs a migration again, or what `change` makes of it. */
  migrate(name: Migration, change?: (text: string) => string): Promise<void>;
}

/**
 * Bytes of a request. Supabase publishes no limit for its Data API; Cloudflare, which stands before it, ends at 100 MB
 * (https://developers.cloudflare.com/workers/platform/limits/#request-limits).
 */
const MAX_BYTES = 100 * 1000 * 1000;

/** Functions whose calls have an operation of their own; all others are `rpc`. */
const FUNCTIONS = [
  'loomvideo_save_video',
  'loomvideo_find_video',
  'loomvideo_purge_video',
  'loomvideo_search_passages',
  'loomvideo_find_passages',
  'loomvideo_status',
];

export async function startSupabase(options: SupabaseOptions = {}): Promise<Supabase> {
  const { migrations = ['0001_loomvideo', '0002_loomvideo_anon'], oldDefaults = false } = options;
  const { keys, sign, secret } = newProject();
  const database = await ProjectDatabase.open(oldDefaults);
  for (const name of migrations) await database.migrate(name);

  const identified =
    (work: (caller: Caller, request: ApiRequest, name: string) => Promise<ApiAnswer>): Route['handle'] =>
    (request, match) => {
      const caller = identify(request, keys, secret);
      return 'role' in caller ? work(caller, request, decodeURIComponent(match[1] ?? '')) : caller;
    };
  const call = identified((caller, request, name) => callFunction(database, caller, name, request));
  const read = identified((caller, request, name) => readTable(database, caller, name, request));

  const standIn = await startStandIn({
    routes: [
      ...FUNCTIONS.map((name): Route => ({
        operation: `rpc:${name}`,
        method: 'POST',
        path: new RegExp(`^/rest/v1/rpc/(${name})$`),
        handle: call,
      })),
      { operation: 'rpc', method: 'POST', path: /^\/rest\/v1\/rpc\/([^/]+)$/, handle: call },
      { operation: 'table', method: 'GET', path: /^\/rest\/v1\/([^/]+)$/, handle: read },
      { operation: 'table', method: 'HEAD', path: /^\/rest\/v1\/([^/]+)$/, handle: read },
    ],
    notFound: (request) => {
      if (!request.path.startsWith('/rest/v1/'))
        return { status: 404, body: { message: 'no Route matched with those values' } };
      const caller = identify(request, keys, secret);
      return 'role' in caller
        ? errorAnswer(404, { code: 'PGRST125', message: 'Invalid path specified in request URL' })
        : caller;
    },
    maxBytes: MAX_BYTES,
    tooLarge: () => ({ status: 413, body: { message: 'Payload Too Large' } }),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.port !== undefined && { port: options.port }),
  });

  return {
    ...standIn,
    keys,
    sign,
    sql: (query, params) => database.sql(query, params),
    script: (text) => database.script(text),
    rows: (table) => database.sql(`select * from public."${table.replaceAll('"', '""')}" order by 1, 2`),
    migrate: (name, change) => database.migrate(name, change),
    async close() {
      await standIn.close();
      await database.close();
    },
  };
}
