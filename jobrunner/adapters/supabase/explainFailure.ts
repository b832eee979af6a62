import type { Reason } from '../../contract/reasons.ts';
import { StageError } from '../../contract/stageError.ts';
import type { HttpFailure } from '../service/httpFailure.ts';
import { MIGRATION, SCHEMA_VERSION } from './schema.ts';

/** A failure put into words for the user. */
export interface Explanation {
  readonly reason: Reason;
  /** What happened, as a sentence. */
  readonly what: string;
  /** What to do about it, as sentences. */
  readonly remedy: string;
}

const LATER = 'It is tried again.';
const NO_HOST =
  'It is tried again; if it stays so, check SUPABASE_URL: a project that is deleted, or long paused, has no address.';
const KEY_REMEDY =
  'Put a key of this very project into SUPABASE_ANON_KEY: a secret key (sb_secret_…, in the project under Settings, API Keys), or its service_role key.';

/** What a failed request means. Codes: PostgREST's docs/references/errors.rst, and PostgreSQL's appendix A. */
export function explainFailure(failure: HttpFailure): Explanation {
  const { kind, status, passing, detail } = failure;
  if (kind === 'timeout' || kind === 'network')
    return unavailable(`Supabase cannot be reached: ${detail}.`, /ENOTFOUND/.test(detail) ? NO_HOST : LATER);
  if (kind === 'too-large')
    return misconfigured(`Supabase sent ${detail}.`, 'Check that SUPABASE_URL is a Supabase project.');
  const known = kind === 'status' ? (byCode(failure) ?? byStatus(status)) : undefined;
  return known ?? (passing ? unavailable(`Supabase failed: ${detail}.`) : unknown(detail));
}

export function toStoreError(failure: HttpFailure): StageError {
  return errorOf(explainFailure(failure), failure);
}

export function errorOf({ reason, what, remedy }: Explanation, failure?: HttpFailure): StageError {
  const seconds = failure?.retryAfterSeconds;
  return new StageError(reason, `${what} ${remedy}`, {
    ...(failure && { cause: failure }),
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
}

export function wrongVersion(theirs: number): Explanation {
  const newer = theirs > SCHEMA_VERSION;
  return misconfigured(
    `The Supabase project has LoomVideo's tables in version ${theirs}, this LoomVideo knows version ${SCHEMA_VERSION}.`,
    newer
      ? 'Update LoomVideo to the version that these tables were made for.'
      : `Apply ${MIGRATION.tables} of this LoomVideo to the project.`,
  );
}

/** A 2xx whose content is not what our functions answer. */
export function strangeAnswer(name: string): Explanation {
  return misconfigured(
    `Supabase answered ${name} with something else than LoomVideo's function does.`,
    `Check that SUPABASE_URL is the project's own address, and apply ${MIGRATION.tables} to the project again.`,
  );
}

function byCode({ status, detail, body }: HttpFailure): Explanation | undefined {
  const code = typeof body?.['code'] === 'string' ? body['code'] : '';
  const message = typeof body?.['message'] === 'string' ? body['message'] : '';
  switch (code) {
    case 'PGRST202':
    case 'PGRST205':
    case '42P01':
    case '42883':
      return misconfigured(
        `The Supabase project lacks LoomVideo's tables or functions (${detail}).`,
        `Apply ${MIGRATION.tables} to it, in its SQL editor for one.`,
      );
    case 'LV001':
      return wrongVersion(Number(body?.['details']));
    case '42501':
      return refused(status, message);
    case 'PGRST301':
    case 'PGRST302':
    case 'PGRST303':
      return rejectedToken(code, message);
    case 'PGRST106':
      return misconfigured(
        `The API of the Supabase project does not serve the schema "public" (${detail}).`,
        'Add it to the exposed schemas, in the project under Settings, Data API.',
      );
    case '25006':
      return misconfigured(
        `The Supabase project's database takes no writes (${detail}).`,
        'Its disk may be full: free space or enlarge it, in the project under Database, Settings.',
      );
  }
  // 08 connection, 40 rolled back for another transaction, 53 resources, 55P03 lock, 57 operator: all pass with time.
  if (/^(08|40|53|57)|^55P03$|^PGRST00/.test(code)) return unavailable(`Supabase failed: ${detail}.`);
  if (/^(22|23)/.test(code)) return unknown(detail);
  return undefined;
}

function byStatus(status: number): Explanation | undefined {
  if (status === 401 || status === 403)
    return {
      reason: 'CredentialsRejected',
      what: 'Supabase does not know the key in SUPABASE_ANON_KEY.',
      remedy: KEY_REMEDY,
    };
  if (status === 402)
    return misconfigured(
      'Supabase has restricted the project: a quota is used up, or a bill is open.',
      "See the organisation's usage and billing at https://supabase.com/dashboard, then retry.",
    );
  if (status === 404 || (status >= 300 && status < 400))
    return misconfigured(
      `There is no Supabase API at SUPABASE_URL (status ${status}).`,
      "Set it to the project's address alone, such as https://abcdefghijklmnopqrst.supabase.co.",
    );
  if (status === 413)
    return {
      reason: 'StoreMisconfigured',
      what: 'Supabase takes no request as large as this transcript.',
      remedy: 'Raise the limit of what stands before it, where it is your own; otherwise shorten the video.',
    };
  if (status === 429) return unavailable('Supabase asks for fewer requests.');
  if (status === 540)
    return misconfigured(
      'The Supabase project is paused.',
      'Restore it at https://supabase.com/dashboard, then retry.',
    );
  return undefined;
}

/**
 * A right is missing: a policy of row-level security, or a grant. PostgREST answers 401 where the role is anon, and 403
 * for any other. Only names are taken out of what it says.
 */
function refused(status: number, message: string): Explanation {
  const anonymous = status === 401;
  if (/row-level security/i.test(message)) {
    const [, command, table = /table "(\w+)"/.exec(message)?.[1]] =
      /policy lets role "\w+" ([A-Z]+) in table "(\w+)"/.exec(message) ?? [];
    const policy = `loomvideo_anon_${command?.toLowerCase() ?? '…'}`;
    return misconfigured(
      `Row-level security of the table ${table ?? 'loomvideo_…'} refused the key in SUPABASE_ANON_KEY: ` +
        (anonymous
          ? `its policy ${policy} is missing or was changed.`
          : 'it is of a role that has no policy there.'),
      anonymous
        ? `Apply ${MIGRATION.anon} again, which makes it. Or use a secret key (sb_secret_…).`
        : 'Use a secret key (sb_secret_…) or the service_role key: these pass it.',
    );
  }
  const [, kind, name] = /permission denied for (table|function|schema) (\w+)/.exec(message) ?? [];
  const grant = kind === undefined ? 'a grant' : `the grant on the ${kind} ${name}`;
  return anonymous
    ? misconfigured(
        `SUPABASE_ANON_KEY is an anon key, and lacks ${grant} in the Supabase project.`,
        `Use a secret key (sb_secret_…) instead; or apply ${MIGRATION.anon}, after reading its warning: it opens all transcripts to everyone who has the anon key.`,
      )
    : misconfigured(
        `The key in SUPABASE_ANON_KEY lacks ${grant} in the Supabase project.`,
        `Apply ${MIGRATION.tables} again, which gives it to service_role; a key of another role cannot be used.`,
      );
}

function rejectedToken(code: string, message: string): Explanation {
  if (code === 'PGRST302') return rejected('Supabase takes no request without a key it knows.');
  if (/expired/i.test(message)) return rejected('The key in SUPABASE_ANON_KEY has expired.');
  if (/3 parts/.test(message))
    return rejected(
      'This Supabase takes only keys that are JWTs, which SUPABASE_ANON_KEY is not.',
      'Older and self-hosted ones know no sb_… keys: use the service_role key (eyJ…).',
    );
  return rejected('Supabase rejected the key in SUPABASE_ANON_KEY.');
}

function rejected(what: string, remedy = KEY_REMEDY): Explanation {
  return { reason: 'CredentialsRejected', what, remedy };
}

function misconfigured(what: string, remedy: string): Explanation {
  return { reason: 'StoreMisconfigured', what, remedy };
}

function unavailable(what: string, remedy = LATER): Explanation {
  return { reason: 'StoreUnavailable', what, remedy };
}

function unknown(detail: string): Explanation {
  return {
    reason: 'InternalError',
    what: `Supabase refused a request of LoomVideo: ${detail}.`,
    remedy: 'Please report it, with the log.',
  };
}
