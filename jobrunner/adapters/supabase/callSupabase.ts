import { StageError } from '../../contract/stageError.ts';
import { callService, type ServiceOptions, type ServiceSettings } from '../service/callService.ts';
import { errorOf, strangeAnswer, toStoreError } from './explainFailure.ts';
import type { SupabaseFunction } from './schema.ts';

export interface SupabaseOptions extends ServiceSettings {
  /** SUPABASE_URL: the project's address, such as `https://abcdefghijklmnopqrst.supabase.co`. */
  readonly url: string;
  /** SUPABASE_ANON_KEY: a secret key (`sb_secret_…`, service_role JWT) or, with 0002 applied, an anon key. */
  readonly key: string;
}

/** Bytes of an answer. A day of speech is some 2 MB of text, twice: as segments and as passages. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Calls one function of the project: one request, never repeated. Checks the answer's shape. Throws StageError. */
export type SupabaseCaller = <T>(
  name: SupabaseFunction,
  args: Readonly<Record<string, unknown>>,
  is: (value: unknown) => value is T,
  signal: AbortSignal,
) => Promise<T>;

/**
 * Makes the caller for a project. Throws `ConfigurationInvalid` or `CredentialsRejected` for what can be no address or
 * no key. `translate` takes the place of the store's own errors.
 */
export function supabaseCaller(options: SupabaseOptions, translate = toStoreError): SupabaseCaller {
  const { key, timeoutMs, clock, redact } = options;
  const url = checkUrl(options.url);
  checkKey(key);
  const service: ServiceOptions = {
    name: 'Supabase',
    maxBytes: MAX_ANSWER_BYTES,
    timeoutMs,
    clock,
    redact,
    translate,
  };

  return (name, args, is, signal) =>
    callService(service, signal, async (fetch) => {
      // Loaded with the first call: it takes some 12 MB, and most stages never get here. A client costs 0.3 ms.
      const { createClient } = await import('@supabase/supabase-js');
      const client = createClient(url, key, {
        // There is no user to sign in: nothing to remember, to renew or to look for in an address.
        auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
        db: { retry: false },
        global: { fetch },
      });
      const { data }: { data: unknown } = await client.rpc(name, args).throwOnError();
      if (!is(data)) throw errorOf(strangeAnswer(name));
      return data;
    });
}

function checkUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw new StageError(
      'ConfigurationInvalid',
      "SUPABASE_URL is the project's http(s) address, such as https://abcdefghijklmnopqrst.supabase.co, and has no user name in it.",
    );
  return `${url.origin}${url.pathname}`;
}

/** A line break or a quote that came along would break the header, whose error would repeat the key. */
function checkKey(key: string): void {
  if (/^[\w.~+/=-]+$/.test(key)) return;
  throw new StageError(
    'CredentialsRejected',
    'SUPABASE_ANON_KEY is empty or has characters that are in no key, such as a space, a quote or a line break.',
  );
}
