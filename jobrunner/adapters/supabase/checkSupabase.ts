import type { Finding } from '../../doctor/finding.ts';
import { isStatus, isVersioned, type StatusAnswer, type TableStatus } from './answers.ts';
import { supabaseCaller, type SupabaseOptions } from './callSupabase.ts';
import { explainFailure, errorOf, strangeAnswer, wrongVersion, type Explanation } from './explainFailure.ts';
import { MIGRATION, SCHEMA_VERSION } from './schema.ts';

/** LoomVideo can store and search there when no finding is a `fail`. */
export type SupabaseCheck = readonly Finding[];

const TRY_AGAIN =
  'Try again; if it stays so, check SUPABASE_URL, and the project at https://supabase.com/dashboard.';

/**
 * What a Supabase project has and lacks of what LoomVideo needs, from one request that changes nothing. Throws
 * StageError for an abort, for an address or a key that can be none, and for an answer that is not LoomVideo's.
 */
export async function checkSupabase(options: SupabaseOptions, signal: AbortSignal): Promise<SupabaseCheck> {
  const asked = await ask(options, signal);
  return 'what' in asked ? [failed(asked)] : findingsOf(asked);
}

async function ask(
  options: SupabaseOptions,
  signal: AbortSignal,
): Promise<StatusAnswer | Pick<Explanation, 'what' | 'remedy'>> {
  let explained: Explanation | undefined;
  try {
    const call = supabaseCaller(options, (failure) => {
      explained = explainFailure(failure);
      return errorOf(explained, failure);
    });
    const status = await call('loomvideo_status', {}, isVersioned, signal);
    // One of another version may have another shape.
    if (status.schema_version !== SCHEMA_VERSION) return wrongVersion(status.schema_version);
    return isStatus(status) ? status : strangeAnswer('loomvideo_status');
  } catch (error) {
    if (signal.aborted || !explained) throw error;
    const { reason, what, remedy } = explained;
    return { what, remedy: reason === 'StoreUnavailable' ? TRY_AGAIN : remedy };
  }
}

function findingsOf(status: StatusAnswer): Finding[] {
  const { role, bypasses_rls: bypasses, tables, functions, readable_by: readers } = status;
  const remedy = `Apply ${role === 'anon' ? MIGRATION.anon : MIGRATION.tables} to the project again.`;
  return [
    ok(`The project answers, and takes the key in SUPABASE_ANON_KEY as role ${role}.`),
    ok(`LoomVideo's tables are of version ${SCHEMA_VERSION}.`),
    ...(bypasses ? [ok(`Role ${role} passes row-level security.`)] : []),
    ...tables.flatMap((table) => tableFindings(table, role, remedy)),
    ...functions.flatMap(({ signature, exists, granted }) =>
      exists
        ? granted
          ? [ok(`Function ${signature} may be called.`)]
          : [failed({ what: `Role ${role} lacks the grant of EXECUTE on function ${signature}.`, remedy })]
        : [
            failed({
              what: `Function ${signature} is missing.`,
              remedy: `Apply ${MIGRATION.tables} to the project.`,
            }),
          ],
    ),
    ...(readers.length > 0 ? [exposure(readers, role)] : []),
  ];
}

function tableFindings(
  { name, exists, rls, access, policies }: TableStatus,
  role: string,
  remedy: string,
): Finding[] {
  if (!exists)
    return [
      failed({ what: `Table ${name} is missing.`, remedy: `Apply ${MIGRATION.tables} to the project.` }),
    ];
  const ungranted = access.filter(({ granted }) => !granted).map(({ command }) => command);
  const hidden = access.filter(({ admitted }) => !admitted).map(({ command }) => command);
  const problems: Finding[] = [];
  if (ungranted.length > 0)
    problems.push(
      failed({ what: `Role ${role} lacks the grant of ${ungranted.join(', ')} on table ${name}.`, remedy }),
    );
  if (hidden.length > 0)
    problems.push(
      failed({
        what: `Row-level security of table ${name} has no policy that lets role ${role} ${hidden.join(', ')}.`,
        remedy: `Apply ${MIGRATION.anon} to the project: it makes ${hidden.map((command) => `loomvideo_anon_${command.toLowerCase()}`).join(', ')}. Or use a secret key (sb_secret_…).`,
      }),
    );
  if (!rls)
    problems.push({
      level: 'warn',
      what: `Row-level security of table ${name} is off: who has a grant on it sees every row.`,
      remedy: `Apply ${MIGRATION.tables} to the project again: it turns it on.`,
    });
  if (problems.length > 0) return problems;
  const by = policies.length > 0 ? `, by ${policies.join(', ')}` : '';
  return [ok(`Table ${name} may be used${by}.`)];
}

/** An anon key is public by design, and whoever is signed in is a stranger too. */
function exposure(readers: readonly string[], role: string): Finding {
  const who = readers.includes('anon')
    ? 'everyone who has the anon key of the project, which every web page or app of it carries,'
    : 'everyone who is signed in to an app of the project';
  const change = readers.includes('anon') ? 'can read, change and delete' : 'can read';
  return {
    level: 'warn',
    what: `The tables are open to ${readers.join(' and ')}: ${who} ${change} every transcript in it.`,
    remedy: readers.includes('anon')
      ? role === 'anon'
        ? `Use a secret key (sb_secret_…) and take ${MIGRATION.anon} back, as its last lines tell; or keep the project to LoomVideo alone and its anon key secret.`
        : `The key in use does not need it: take ${MIGRATION.anon} back, as its last lines tell.`
      : 'Remove the grants and policies that were added to the tables.',
  };
}

const ok = (what: string): Finding => ({ level: 'ok', what });
const failed = ({ what, remedy }: Pick<Explanation, 'what' | 'remedy'>): Finding => ({
  level: 'fail',
  what,
  remedy,
});
