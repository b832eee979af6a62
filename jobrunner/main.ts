/**
 * The jobrunner's entry: one stage in a container (`main.ts fetch`), or a command for people (`main.ts process <link>`).
 */
import { PROCESS_HELP, processCommand } from './commands/process.ts';
import { SEARCH_HELP, searchCommand } from './commands/search.ts';
import { stageCommand } from './commands/stage.ts';
import { UsageError } from './commands/usageError.ts';
import { exitCodeOf } from './contract/exitCodes.ts';
import { StageError } from './contract/stageError.ts';
import { STAGES } from './contract/stageReport.ts';

const HELP = `LoomVideo jobrunner

  main.ts process <link>    one video through all stages
  main.ts search "<words>"  passages that answer
  main.ts fetch | transcribe | index | purge
                            one stage, as a Job's container runs it: the video in LOOMVIDEO_JOB (JSON), the report on
                            stdout and in the file TERMINATION_LOG

${PROCESS_HELP}
${SEARCH_HELP}`;

/** Exit code of a wrong command line, as shells use it. */
const USAGE = 2;

process.exitCode = await main(process.argv.slice(2), process.env);

async function main([command, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const stage = STAGES.find((name) => name === command);
    if (stage) return await stageCommand(stage, env);
    if (command === 'process') return await processCommand(args, env);
    if (command === 'search') return await searchCommand(args, env);
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
      process.stderr.write(`${error.reason}: ${error.message}\n`);
      return exitCodeOf(error.reason);
    }
    throw error;
  }
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
