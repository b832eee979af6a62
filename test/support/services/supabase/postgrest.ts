import { isObject, parseObject } from '../../../../common/json.ts';
import type { ApiAnswer, ApiRequest } from '../standIn.ts';
import type { ProjectDatabase } from './database.ts';
import { errorAnswer, sqlErrorAnswer } from './errors.ts';
import type { Caller } from './gateway.ts';

/** A function as PostgREST's schema cache knows it (src/library/PostgREST/SchemaCache.hs, `funcsSqlQuery`). */
interface Routine {
  readonly params: readonly { readonly name: string; readonly type: string; readonly required: boolean }[];
  readonly returnsVoid: boolean;
  readonly returnsSet: boolean;
  readonly returnsRows: boolean;
  readonly volatile: boolean;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * POST /rpc/<name>: the keys of the JSON object are the function's arguments (docs/references/api/functions.rst). A
 * function that is not volatile runs in a read-only transaction.
 */
export async function callFunction(
  database: ProjectDatabase,
  caller: Caller,
  name: string,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const wrongSchema = checkProfile(request, 'content-profile');
  if (wrongSchema) return wrongSchema;
  const type = request.headers['content-type'] ?? 'application/json';
  const args = request.text === '' ? {} : parseObject(request.text);
  if (!type.startsWith('application/json') || !args)
    return errorAnswer(400, { code: 'PGRST102', message: 'Empty or invalid json' });
  const given = Object.keys(args).toSorted();
  const routine = (await routinesNamed(database, name)).find((found) => matches(found, given));
  if (!routine) return noFunction(name, given);

  const { returnsVoid, returnsSet, returnsRows, volatile } = routine;
  const params = routine.params.filter((param) => given.includes(param.name));
  const call = `public.${quoted(name)}(${params.map((p) => `${quoted(p.name)} := b.${quoted(p.name)}`).join(', ')})`;
  const body =
    params.length === 0
      ? '(select $1::json) as b'
      : `json_to_record($1::json) as b (${params.map((p) => `${quoted(p.name)} ${p.type}`).join(', ')})`;
  const result = returnsRows
    ? `select coalesce(json_agg(c), '[]')${returnsSet ? '' : ' -> 0'} as value from ${body}, lateral ${call} as c`
    : returnsSet
      ? `select coalesce(json_agg(c.value), '[]') as value from ${body}, lateral (select ${call} as value) as c`
      : `select to_json(${call}) as value from ${body}`;
  try {
    const value = await database.asCaller(
      caller,
      volatile ? 'read write' : 'read only',
      async (transaction) => {
        const { rows } = await transaction.query<{ value: unknown }>(result, [request.text || '{}']);
        return rows[0]?.value ?? null;
      },
    );
    return returnsVoid ? { status: 204 } : { status: 200, body: value };
  } catch (error) {
    return sqlErrorAnswer(error, caller.role === 'anon');
  }
}

async function routinesNamed(database: ProjectDatabase, name: string): Promise<Routine[]> {
  return database.sql<Routine>(
    `select
       coalesce((
         select json_agg(json_build_object(
           'name', coalesce(p.proargnames[a.place], ''), 'type', a.type::regtype::text,
           'required', a.place <= p.pronargs - p.pronargdefaults
         ) order by a.place)
         from unnest(p.proargtypes::oid[]) with ordinality as a (type, place)
       ), '[]') as params,
       p.prorettype = 'void'::regtype as "returnsVoid",
       p.proretset as "returnsSet",
       t.typtype = 'c' or coalesce(p.proargmodes::text[] && '{t,b,o}', false) as "returnsRows",
       p.provolatile = 'v' as volatile
     from pg_proc as p join pg_type as t on t.oid = p.prorettype
     where p.pronamespace = 'public'::regnamespace and p.proname = $1 and p.prokind = 'f'
       and p.prorettype <> 'trigger'::regtype`,
    [name],
  );
}

/** All required arguments, and no others than the function has (`findProc` in src/library/PostgREST/Plan.hs). */
function matches({ params }: Routine, given: readonly string[]): boolean {
  return (
    params.every(({ name, required }) => !required || given.includes(name)) &&
    given.every((key) => params.some(({ name }) => name === key))
  );
}

function noFunction(name: string, given: readonly string[]): ApiAnswer {
  const list = given.length === 0 ? ' without parameters' : `(${given.join(', ')})`;
  const searched =
    given.length === 0 ? list : ` with parameter${given.length > 1 ? 's' : ''} ${given.join(', ')}`;
  return errorAnswer(404, {
    code: 'PGRST202',
    message: `Could not find the function public.${name}${list} in the schema cache`,
    details:
      `Searched for the function public.${name}${searched} or with a single unnamed json/jsonb parameter, ` +
      'but no matches were found in the schema cache.',
  });
}

/** GET or HEAD /<table> with `select` (names only), `limit` and filters `column=eq.value`. */
export async function readTable(
  database: ProjectDatabase,
  caller: Caller,
  name: string,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const wrongSchema = checkProfile(request, 'accept-profile');
  if (wrongSchema) return wrongSchema;
  const [found] = await database.sql('select to_regclass($1) as oid', [`public.${quoted(name)}`]);
  if (!isObject(found) || found['oid'] === null)
    return errorAnswer(404, {
      code: 'PGRST205',
      message: `Could not find the table 'public.${name}' in the schema cache`,
    });
  const select = request.query.get('select') ?? '*';
  const columns = select === '*' ? '*' : select.split(',').map(quoted).join(', ');
  const limit = request.query.get('limit');
  const params: unknown[] = [];
  const conditions: string[] = [];
  for (const [column, filter] of request.query) {
    if (['select', 'limit', 'apikey'].includes(column)) continue;
    const value = /^eq\.(.*)$/s.exec(filter)?.[1];
    if (value === undefined)
      return errorAnswer(400, {
        code: 'PGRST100',
        message: `"failed to parse filter (${filter})" (line 1, column 1)`,
      });
    params.push(value);
    conditions.push(`${quoted(column)}::text = $${params.length}`);
  }
  if (limit !== null && !/^\d+$/.test(limit))
    return errorAnswer(400, { code: 'PGRST100', message: `"failed to parse limit (${limit})"` });
  const query =
    `select coalesce(json_agg(r), '[]') as value from (select ${columns} from public.${quoted(name)}` +
    `${conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''}${limit === null ? '' : ` limit ${limit}`}) as r`;
  try {
    return await database.asCaller(caller, 'read only', async (transaction) => {
      const { rows } = await transaction.query<{ value: unknown[] }>(query, params);
      const value = rows[0]?.value ?? [];
      const range = value.length === 0 ? '*/*' : `0-${value.length - 1}/*`;
      return { status: 200, body: value, headers: { 'content-range': range } };
    });
  } catch (error) {
    return sqlErrorAnswer(error, caller.role === 'anon');
  }
}

function checkProfile(request: ApiRequest, header: string): ApiAnswer | undefined {
  const schema = request.headers[header] ?? 'public';
  if (schema === 'public') return undefined;
  return errorAnswer(406, {
    code: 'PGRST106',
    message: `Invalid schema: ${String(schema)}`,
    hint: 'Only the following schemas are exposed: public, graphql_public',
  });
}
