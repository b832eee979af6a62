import type { ApiAnswer, ApiRequest } from '../standIn.ts';
import { readJwt, type ProjectKeys } from './keys.ts';
import { errorAnswer } from './errors.ts';

/** Who a request is, once the gateway and PostgREST have looked at its keys. */
export interface Caller {
  readonly role: string;
  /** What PostgREST puts into request.jwt.claims. */
  readonly claims: Readonly<Record<string, unknown>>;
}

const refuse = (message: string, hint: string): ApiAnswer => ({ status: 401, body: { message, hint } });

/**
 * What stands before PostgREST in a Supabase project. Every request carries a key of the project in `apikey`. An
 * `sb_…` key is no JWT: it is turned into one of its role where `Authorization` is absent or repeats the key, and
 * refused where it holds another `sb_…` ("Known limitations" in https://supabase.com/docs/guides/api/api-keys, and the
 * request transformer of supabase/supabase docker/volumes/api/kong.yml). Any other bearer goes on to PostgREST, which
 * checks it as a JWT.
 */
export function identify(request: ApiRequest, keys: ProjectKeys, secret: string): Caller | ApiAnswer {
  const apikey = request.headers['apikey'] ?? request.query.get('apikey') ?? undefined;
  if (typeof apikey !== 'string' || apikey === '')
    return refuse('No API key found in request', 'No `apikey` request header or url param was found.');
  if (!Object.values(keys).includes(apikey))
    return refuse('Invalid API key', 'Double check your Supabase `anon` or `service_role` API key.');
  const bearer = /^Bearer (.*)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? apikey;
  if (bearer.startsWith('sb_')) {
    if (bearer !== apikey)
      return refuse('Invalid API key', 'The Authorization header is not the key of the apikey header.');
    const role = bearer === keys.secret ? 'service_role' : 'anon';
    return { role, claims: { role } };
  }
  const jwt = readJwt(bearer, secret);
  if ('code' in jwt) return errorAnswer(401, { code: jwt.code, message: jwt.message });
  const role = typeof jwt.claims['role'] === 'string' ? jwt.claims['role'] : 'anon';
  return { role, claims: { ...jwt.claims, role } };
}
