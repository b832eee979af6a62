import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isObject, parseObject, type JsonObject } from '../../../../common/json.ts';

/** A project's API keys, old and new; see https://supabase.com/docs/guides/api/api-keys */
export interface ProjectKeys {
  /** Legacy JWT of role anon. */
  readonly anon: string;
  /** Legacy JWT of role service_role. */
  readonly service: string;
  /** `sb_publishable_…`, of role anon. */
  readonly publishable: string;
  /** `sb_secret_…`, of role service_role. */
  readonly secret: string;
  /** A legacy service_role JWT whose time is over. */
  readonly expired: string;
}

/** A project with keys of its own. `sign` makes a JWT with its secret. */
export function newProject(): { keys: ProjectKeys; sign: (claims: JsonObject) => string; secret: string } {
  const secret = randomBytes(32).toString('hex');
  const issued = Math.floor(Date.now() / 1000) - 3600;
  const sign = (claims: JsonObject): string =>
    signJwt({ iss: 'supabase', ref: 'abcdefghijklmnopqrst', iat: issued, ...claims }, secret);
  const tenYears = issued + 315_360_000;
  return {
    secret,
    sign,
    keys: {
      anon: sign({ role: 'anon', exp: tenYears }),
      service: sign({ role: 'service_role', exp: tenYears }),
      publishable: `sb_publishable_${randomBytes(16).toString('hex')}`,
      secret: `sb_secret_${randomBytes(16).toString('hex')}`,
      expired: sign({ role: 'service_role', exp: issued + 60 }),
    },
  };
}

function signJwt(claims: JsonObject, secret: string): string {
  const head = [{ alg: 'HS256', typ: 'JWT' }, claims].map(encode).join('.');
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

const encode = (part: JsonObject): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** What PostgREST says to a token it does not take, or the claims of one that it does. */
export type JwtResult =
  | { readonly claims: JsonObject }
  | { readonly code: 'PGRST301' | 'PGRST303'; readonly message: string };

/** Seconds that PostgREST allows clocks to differ (src/library/PostgREST/Auth/Jwt.hs). */
const SKEW_SECONDS = 30;

/** Checks a token as PostgREST does: three parts, its signature, then its times. */
export function readJwt(token: string, secret: string): JwtResult {
  const parts = token.split('.');
  if (parts.length !== 3)
    return { code: 'PGRST301', message: `Expected 3 parts in JWT; got ${parts.length}` };
  const [head = '', payload = '', signature = ''] = parts;
  const wanted = createHmac('sha256', secret).update(`${head}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (decode(head)?.['alg'] !== 'HS256')
    return { code: 'PGRST301', message: 'Wrong or unsupported encoding algorithm' };
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return { code: 'PGRST301', message: 'No suitable key or wrong key type' };
  const claims = decode(payload);
  if (!claims) return { code: 'PGRST303', message: 'Parsing claims failed' };
  const now = Date.now() / 1000;
  if (typeof claims['exp'] === 'number' && now - SKEW_SECONDS > claims['exp'])
    return { code: 'PGRST303', message: 'JWT expired' };
  return { claims };
}

function decode(part: string): JsonObject | undefined {
  const value = parseObject(Buffer.from(part, 'base64url').toString());
  return isObject(value) ? value : undefined;
}
