import { checkCommand } from './checkCommand.ts';

export const DB_CHECK_HELP = `Says what the record store lacks: a Supabase project's tables, functions, grants and policies (SUPABASE_URL,
SUPABASE_ANON_KEY), or the embedded file. Changes nothing.

  npm run -s db:check -- [options]

  --json     one JSON object on stdout: ok, findings [{ level: ok | warn | fail, what, remedy }]
  --help

Exit codes: 0 nothing is missing (warnings may stand), 40 something is.
`;

/** Runs the command; returns the exit code. */
export function dbCheckCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return checkCommand({ args, env, help: DB_CHECK_HELP }, (_config, stores) => [
    (signal) => stores.checkRecords(signal),
  ]);
}
