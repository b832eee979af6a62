import { parseArgs } from 'node:util';
import { oneLine } from '../common/oneLine.ts';
import { EXIT } from '../jobrunner/contract/exitCodes.ts';

const USAGE = 2;

/**
 * What an entry that is told all by its environment has to say to its command line: its help, or that the line is wrong. The
 * exit code then; undefined where there is nothing to say and the work begins.
 */
export function answerCommandLine(args: string[], help: string): number | undefined {
  try {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } });
    if (!values.help) return undefined;
    process.stdout.write(help);
    return EXIT.done;
  } catch (error) {
    process.stderr.write(`${wordsOf(error)}\nTry --help.\n`);
    return USAGE;
  }
}

/** An error for people: one line, bounded. */
export function wordsOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 1000);
}
