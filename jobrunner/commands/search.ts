import { parseArgs } from 'node:util';
import { createLogger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { redactor } from '../../common/redact.ts';
import { onShutdown } from '../../common/shutdown.ts';
import { compose } from '../compose.ts';
import { readConfig, type Config } from '../config.ts';
import { search, type SearchAnswer, type SearchResult } from '../search/search.ts';
import { embeddingOf } from '../contract/spec.ts';
import { clockTime } from './printResult.ts';
import { UsageError } from './usageError.ts';

export const SEARCH_HELP = `Finds what was said, in all videos, to the second.

  npm run -s search -- "<words or a question>" [options]

  --limit <n>   how many passages (5)
  --json        a JSON array on stdout: video, title, start, end, text, score, url
  --help

It asks where process stores: the embedded store, or OpenAI, Pinecone and Supabase where their variables are set. Videos
whose spec.embedding names another model than the default are found with LOOMVIDEO_EMBEDDING_MODEL set to it.
Exit codes: 0 (also when nothing is found), 20 try again later, 40 configuration.
`;

const DEFAULT_LIMIT = 5;

/** Runs the command; returns the exit code. */
export async function searchCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      limit: { type: 'string', default: String(DEFAULT_LIMIT) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(SEARCH_HELP);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError('search takes words or a question');
  const answer = await searchOnce(
    positionals.join(' '),
    { limit: readLimit(values.limit), json: values.json },
    readConfig(env),
  );
  if (values.json) process.stdout.write(`${JSON.stringify(answer.results)}\n`);
  else printAnswer(answer, (text) => void process.stdout.write(text));
  return 0;
}

/** Asks the configured stores once, waiting for the embedding model where it is cold. */
export async function searchOnce(
  query: string,
  { limit, json }: { limit: number; json: boolean },
  config: Config,
): Promise<SearchAnswer> {
  using shutdown = onShutdown();
  const log = createLogger({
    level: config.logLevel === 'info' ? 'warn' : config.logLevel,
    format: config.logFormat ?? (json ? 'json' : 'plain'),
    redact: redactor(config.secrets),
  });
  const services = await compose(config, log);
  try {
    return await search(services.search(embeddingOf(config.embedding)), {
      query,
      limit,
      wait: true,
      signal: shutdown.signal,
    });
  } finally {
    await services.close();
  }
}

/** The passages for people: where, what was said, and the link that opens Loom at that second. */
export function printAnswer({ ranking, results }: SearchAnswer, write: (text: string) => void): void {
  if (results.length === 0) {
    write('Nothing found. Videos become searchable with: npm run -s process -- <loom link>\n');
    return;
  }
  if (ranking === 'lexical') write('(found by words alone: the embedding model was not to be had)\n');
  for (const result of results) write(`${describe(result)}\n\n`);
}

function describe({ title, chapter, start, end, text, url, video }: SearchResult): string {
  const heading = chapter === undefined ? oneLine(title) : `${oneLine(title)} › ${oneLine(chapter)}`;
  return `${clockTime(start)}–${clockTime(end)}  ${heading}  [${video}]\n  ${oneLine(text, 2000)}\n  ${url}`;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new UsageError('--limit takes a whole number from 1 to 100');
  return limit;
}
