/**
 * The jobrunner's entry: one stage in a container (`main.ts fetch`), or a command for people (`main.ts process <link>`).
 */
import { redactor } from '../common/redact.ts';
import { DB_CHECK_HELP, dbCheckCommand } from './commands/dbCheck.ts';
import { DOCTOR_HELP, doctorCommand } from './commands/doctor.ts';
import { PROCESS_HELP, processCommand } from './commands/process.ts';
import { SEARCH_HELP, searchCommand } from './commands/search.ts';
import { stageCommand } from './commands/stage.ts';
import { UsageError } from './commands/usageError.ts';
import { secretsOf } from './config.ts';
import { exitCodeOf } from './contract/exitCodes.ts';
import { StageError } from './contract/stageError.ts';
import { STAGES } from './contract/stageReport.ts';
import { useNetwork } from './useNetwork.ts';

const HELP = `LoomVideo jobrunner

  main.ts process <link>    one video through all stages
  main.ts search "<words>"  passages that answer
  main.ts doctor            what is set up and what is missing
  main.ts db-check          what a Supabase project lacks
  main.ts fetch | transcribe | index | purge
                            one stage, as a Job's container runs it: the video in LOOMVIDEO_JOB (JSON), the report on
                            stdout and in the file TERMINATION_LOG

${PROCESS_HELP}
${SEARCH_HELP}
${DOCTOR_HELP}
${DB_CHECK_HELP}`;

/** Exit code of a wrong command line, as shells use it. */
const USAGE = 2;

// With these the Pinecone client prints every request, and the key with it, on stdout.
delete process.env['PINECONE_DEBUG'];
delete process.env['PINECONE_DEBUG_CURL'];

// Whoever reads our output may have enough of it (`| head`): no error, and no trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? 0);
});

process.exitCode = await main(process.argv.slice(2), process.env);

async function main([command, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const redact = redactor(secretsOf(env));
  try {
    useNetwork(env);
    const stage = STAGES.find((name) => name === command);
    if (stage) return await stageCommand(stage, env);
    if (command === 'process') return await processCommand(args, env);
    if (command === 'search') return await searchCommand(args, env);
    if (command === 'doctor') return await doctorCommand(args, env);
    if (command === 'db-check') return await dbCheckCommand(args, env);
    if (command === '--help' || command === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    throw new UsageError(command === undefined ? 'which command?' : `no command ${JSON.stringify(command)}`);
  } catch (error) {
    if (error instanceof UsageError || isParseArgsError(error)) {
      process.stderr.write(`${error.message}\nTry --help.\n`);
      return USAGE;
    }
    if (error instanceof StageError) {
      process.stderr.write(redact(`${error.reason}: ${error.message}\n`));
      return exitCodeOf(error.reason);
    }
    process.stderr.write(redact(`InternalError: ${error instanceof Error ? error.stack : String(error)}\n`));
    return exitCodeOf('InternalError');
  }
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
