/**
 * A server of Render mode with many videos in its store, from outside: how long it takes to start, to list and to search,
 * and how long searching keeps its event loop from everything else. The model of the queries is in memory; no query is
 * asked twice.
 */
import { sandbox } from '../support/cli.ts';
import { seededRandom } from '../support/seededRandom.ts';
import { fillStore, wordMaker, type StoreSize } from './storeData.ts';
import { getJson, metric, quantile, startAgain, timed, withCleanup } from './server.ts';

const SIZES: readonly StoreSize[] = [
  { videos: 2000, passagesPerVideo: 10 },
  { videos: 10_000, passagesPerVideo: 10 },
];

const LISTS = 100;
const SEARCHES = 100;
/** The most frequent words are left out: such words the search leaves out of real queries too (stopWords.ts). */
const FIRST_WORD = 20;

export interface StoreFigures {
  readonly size: StoreSize;
  readonly startMs: number;
  readonly list: readonly number[];
  readonly page: readonly number[];
  readonly search: readonly number[];
  /** Longest time in which the event loop did nothing else, while it searched; milliseconds. */
  readonly blockedMs: number;
}

export async function benchStore(
  sizes = SIZES,
): Promise<{ readonly figures: readonly StoreFigures[]; readonly markdown: string }> {
  const figures: StoreFigures[] = [];
  for (const size of sizes) figures.push(await withCleanup((t) => measure(t, size)));
  return { figures, markdown: markdownOf(figures) };
}

async function measure(t: { after(clean: () => unknown): void }, size: StoreSize): Promise<StoreFigures> {
  const box = await sandbox(t);
  fillStore(box.dataDir, size);
  const { server, startMs } = await startAgain(t, box.env);
  const list = await timed(LISTS, () => getJson(server, '/api/videos'));
  let next = '';
  const page = await timed(LISTS, async () => {
    const { continue: token } = await getJson<{ continue?: string }>(server, `/api/videos?limit=20${next}`);
    next = token === undefined ? '' : `&continue=${token}`;
  });
  const word = wordMaker(seededRandom(1), FIRST_WORD);
  const ask = async (more = ''): Promise<string> => {
    const query = Array.from({ length: 4 }, word).join('+');
    return (await getJson<{ ranking: string }>(server, `/api/search?q=${query}${more}`)).ranking;
  };
  await ask('&wait=true');
  await metric(server, 'nodejs_eventloop_lag_max_seconds');
  const search = await timed(SEARCHES, async () => {
    const ranking = await ask();
    if (ranking !== 'hybrid') throw new Error(`ranked ${ranking}: the model is not in memory`);
  });
  const blockedMs = 1000 * (await metric(server, 'nodejs_eventloop_lag_max_seconds'));
  await server.end('SIGTERM');
  return { size, startMs, list, page, search, blockedMs };
}

function markdownOf(figures: readonly StoreFigures[]): string {
  const both = (values: readonly number[]): string =>
    `${quantile(values, 0.5).toFixed(1)} / ${quantile(values, 0.95).toFixed(1)}`;
  const rows = figures.map(
    ({ size: { videos, passagesPerVideo }, startMs, list, page, search, blockedMs }) =>
      `| ${videos} | ${videos * passagesPerVideo} | ${(startMs / 1000).toFixed(1)} s | ${both(list)} | ${both(page)} | ${both(search)} | ${blockedMs.toFixed(0)} |`,
  );
  return [
    `### Render mode with a full store, over HTTP; p50 / p95 in ms of ${LISTS} calls one after another`,
    '',
    '| videos | passages | start | list of 50 | further pages of 20 | search, model warm | longest block of the event loop, ms |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
