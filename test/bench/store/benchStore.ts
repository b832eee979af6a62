import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MB } from '../../../common/memory/source.ts';
import { sandbox } from '../../support/cli.ts';
import { memoryOf } from '../../support/processFigures.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { say } from '../progress.ts';
import type { Section } from '../report/section.ts';
import { quantile } from '../quantile.ts';
import { getJson, metric, startAgain, timed, withCleanup } from '../server.ts';
import { fillStore, wordMaker, type StoreSize } from './data.ts';
import type { StoreFigures, StoreSizeFigures, Timing } from './figures.ts';
import { timeSaves } from './saves.ts';
import { storePlots, storeTables } from './tables.ts';
import { compareVectorSearch } from './vectors.ts';

/** 1,000 to 100,000 passages. */
const SIZES: readonly StoreSize[] = [100, 1000, 2000, 10_000].map((videos) => ({
  videos,
  passagesPerVideo: 10,
}));

const CALLS = 100;
/** The most frequent words are left out: such words the search leaves out of real queries too (stopWords.ts). */
const FIRST_WORD = 20;

/**
 * Many videos in the embedded store. A server of Render mode on it, from outside: how long it takes to start, to list and to
 * search, and how long searching keeps its event loop from everything else; the model of the queries is in memory, and no
 * query is asked twice. Then the store alone: vector search beside numpy's, and what storing one more video costs.
 */
export async function benchStore(sizes = SIZES): Promise<Section<StoreFigures>> {
  const measured: StoreSizeFigures[] = [];
  for (const size of sizes) {
    say(`store: ${size.videos} videos, ${size.videos * size.passagesPerVideo} passages`);
    measured.push(await withCleanup((t) => measure(t, size)));
  }
  const figures = { calls: CALLS, sizes: measured };
  return { id: 'store', figures, tables: storeTables(figures), plots: storePlots(figures) };
}

async function measure(t: { after(clean: () => unknown): void }, size: StoreSize): Promise<StoreSizeFigures> {
  const box = await sandbox(t);
  fillStore(box.dataDir, size);
  const ofServer = await measureServer(t, box.env);
  const files = ['loomvideo.db', 'resources.db'].map((name) => join(box.dataDir, name));
  const bytes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const [file = ''] = files;
  return {
    videos: size.videos,
    passages: size.videos * size.passagesPerVideo,
    fileMb: bytes.reduce((sum, one) => sum + one, 0) / MB,
    ...ofServer,
    vectors: await compareVectorSearch(file, box.root),
    save: timingOf(await timeSaves(file, CALLS)),
  };
}

type OfServer = Omit<StoreSizeFigures, 'videos' | 'passages' | 'fileMb' | 'vectors' | 'save'>;

async function measureServer(
  t: { after(clean: () => unknown): void },
  env: Readonly<Record<string, string>>,
): Promise<OfServer> {
  const { server, startMs } = await startAgain(t, env);
  const list = await timed(CALLS, () => getJson(server, '/api/videos'));
  let next = '';
  const page = await timed(CALLS, async () => {
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
  const search = await timed(CALLS, async () => {
    const ranking = await ask();
    if (ranking !== 'hybrid') throw new Error(`ranked ${ranking}: the model is not in memory`);
  });
  const blockedMs = 1000 * (await metric(server, 'nodejs_eventloop_lag_max_seconds'));
  const serverMb = memoryOf(server.child.pid ?? 0).peakMb;
  await server.end('SIGTERM');
  return {
    ...{ startMs, blockedMs, serverMb },
    ...{ list: timingOf(list), page: timingOf(page), search: timingOf(search) },
  };
}

function timingOf(milliseconds: readonly number[]): Timing {
  return { p50: quantile(milliseconds, 0.5), p95: quantile(milliseconds, 0.95) };
}
