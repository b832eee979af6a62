import { isObject } from '../../../../common/json.ts';
import type { ApiAnswer } from '../standIn.ts';

/** The body of every error of PostgREST (docs/references/errors.rst). */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly details?: string | null;
  readonly hint?: string | null;
}

export function errorAnswer(
  status: number,
  { code, message, details = null, hint = null }: ErrorFacts,
): ApiAnswer {
  return {
    status,
    body: { code, message, details, hint },
    headers: { 'proxy-status': `PostgREST; error=${code}` },
  };
}

/** An error of PostgreSQL as PostgREST passes it on; `anonymous`: the caller's role is anon. */
export function sqlErrorAnswer(error: unknown, anonymous: boolean): ApiAnswer {
  if (!isObject(error) || typeof error['code'] !== 'string') throw error;
  const { code, detail, hint } = error;
  const message = typeof error['message'] === 'string' ? error['message'] : '';
  return errorAnswer(statusOf(code, message, anonymous), {
    code,
    message,
    details: typeof detail === 'string' ? detail : null,
    hint: typeof hint === 'string' ? hint : null,
  });
}

/** First match counts. The table of docs/references/errors.rst, completed from `mapSQLtoHTTP` in Error.hs. */
const STATUSES: readonly (readonly [prefix: string, status: number])[] = [
  ['08', 503],
  ['09', 500],
  ['0L', 403],
  ['0P', 403],
  ['21000', 500],
  ['23503', 409],
  ['23505', 409],
  ['25006', 405],
  ['25', 500],
  ['28', 403],
  ['2D', 500],
  ['38', 500],
  ['39', 500],
  ['3B', 500],
  ['40', 500],
  ['53400', 500],
  ['53', 503],
  ['54', 500],
  ['55', 500],
  ['57P01', 503],
  ['57', 500],
  ['58', 500],
  ['F0', 500],
  ['HV', 500],
  ['P0001', 400],
  ['P0', 500],
  ['XX', 500],
  ['42883', 404],
  ['42P01', 404],
  ['42P17', 500],
];

function statusOf(code: string, message: string, anonymous: boolean): number {
  if (code === '42501') return anonymous ? 401 : 403;
  // The role that a JWT names does not exist.
  if (code === '22023' && /^role .* does not exist$/.test(message)) return 401;
  return STATUSES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
}
