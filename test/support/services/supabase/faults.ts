import type { Fault } from '../standIn.ts';
import { errorAnswer, type ErrorFacts } from './errors.ts';

const postgrest = (status: number, facts: ErrorFacts): Fault => errorAnswer(status, facts);

/**
 * Failures of a project that no real database in the stand-in brings about: statuses and PostgREST's bodies as their
 * sources publish them. What the platform itself says beside a status is not published; the words here are ours.
 */
export const supabaseFaults = {
  /** https://supabase.com/docs/guides/platform/http-status-codes, "540 project paused" */
  paused: { status: 540, body: { message: 'Project paused' } },
  /** The same, "402 service restriction" */
  restricted: {
    status: 402,
    body: {
      message: 'Service for this project is restricted due to the following violations: exceed_egress_quota.',
    },
  },
  /** The same, "544 project API gateway timeout" */
  gatewayTimeout: { status: 544, body: { message: 'Project API gateway timeout' } },
  /** Cloudflare's, when nothing answers behind it: https://github.com/orgs/supabase/discussions/48947 */
  originDown: { status: 521, body: undefined },
  rateLimited: (seconds: number): Fault => ({
    status: 429,
    body: { message: 'Too many requests' },
    headers: { 'retry-after': String(seconds) },
  }),
  /** The rest: PostgREST, docs/references/errors.rst and src/library/PostgREST/Error.hs. */
  noDatabase: postgrest(503, { code: 'PGRST000', message: 'Database connection error.' }),
  noClient: postgrest(503, {
    code: 'PGRST001',
    message: 'Database client error. Retrying the connection.',
  }),
  noSchemaCache: postgrest(503, {
    code: 'PGRST002',
    message: 'Could not query the database for the schema cache. Retrying.',
  }),
  poolTimeout: postgrest(504, {
    code: 'PGRST003',
    message: 'Timed out acquiring connection from connection pool.',
  }),
  statementTimeout: postgrest(500, {
    code: '57014',
    message: 'canceling statement due to statement timeout',
  }),
  deadlock: postgrest(500, { code: '40P01', message: 'deadlock detected' }),
  serialization: postgrest(500, {
    code: '40001',
    message: 'could not serialize access due to concurrent update',
  }),
  lockNotAvailable: postgrest(500, { code: '55P03', message: 'canceling statement due to lock timeout' }),
  tooManyConnections: postgrest(503, { code: '53300', message: 'sorry, too many clients already' }),
  diskFull: postgrest(503, { code: '53100', message: 'could not extend file: No space left on device' }),
  readOnly: postgrest(405, {
    code: '25006',
    message: 'cannot execute INSERT in a read-only transaction',
  }),
  undefinedTable: postgrest(404, {
    code: '42P01',
    message: 'relation "public.loomvideo_videos" does not exist',
  }),
  wrongKeyType: postgrest(401, { code: 'PGRST301', message: 'No suitable key or wrong key type' }),
  noAnonymous: postgrest(401, { code: 'PGRST302', message: 'Anonymous access is disabled' }),
} as const satisfies Record<string, Fault | ((seconds: number) => Fault)>;
