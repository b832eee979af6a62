import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * The options of a command of the tests. Ends the process: with the usage after `--help` (exit code 0), with what is wrong
 * before the usage where the command line cannot be read (2).
 */
export function readOptions<const C extends ParseArgsConfig>(
  usage: string,
  config: C,
): ReturnType<typeof parseArgs<C>> {
  if (process.argv.slice(2).includes('--help')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(usage, error instanceof Error ? error.message : String(error));
  }
}

/** Ends the process for a command line that makes no sense. */
export function refuse(usage: string, why: string): never {
  process.stderr.write(`${why}\n\n${usage}`);
  process.exit(2);
}
