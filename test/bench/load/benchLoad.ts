/**
 * A hundred clients on a server of Render mode with 2,000 videos and 20,000 passages while it processes videos: 60 read
 * (list, detail, transcript; five requests a second each), 15 search (once a second each), 25 follow the events. Latencies
 * count from when a request was due.
 */
import autocannon, { type Result } from 'autocannon';
import { processTreeSource } from '../../../common/memory/processTree.ts';
import { toMb } from '../../../common/memory/source.ts';
import { sandbox } from '../../support/cli.ts';
import { startLoom } from '../../support/loom/server.ts';
import { sampleVideo } from '../../support/sampleVideo.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import type { LoadedClients, LoadFigures } from './figures.ts';
import { loadTables } from './tables.ts';
import { say } from '../progress.ts';
import type { Section } from '../report/section.ts';
import { fillStore, wordMaker } from '../store/data.ts';
import { getJson, metric, startAgain, withCleanup } from '../server.ts';

const READERS = 60;
const SEARCHERS = 15;
const FOLLOWERS = 25;
/** Requests per second of each. */
const READS_PER_SECOND = 5;
const SEARCHES_PER_SECOND = 1;
const SECONDS = 30;
const SIZE = { videos: 2000, passagesPerVideo: 10 };
/** Videos that are posted: one after another they take longer than the load. */
const VIDEOS = 3;

export async function benchLoad(): Promise<Section<LoadFigures>> {
  say(`load: a server with ${SIZE.videos} videos`);
  const figures = await withCleanup(measure);
  return { id: 'load', figures, tables: loadTables(figures), plots: [] };
}

async function measure(t: { after(clean: () => unknown): void }): Promise<LoadFigures> {
  const box = await sandbox(t);
  fillStore(box.dataDir, SIZE);
  const loom = await startLoom();
  t.after(() => loom.close());
  const { server } = await startAgain(t, { ...box.env, ...loom.env });
  const { url, child } = server;
  const { items } = await getJson<{ items: { name: string }[] }>(server, '/api/videos?limit=20');

  const links = Array.from({ length: VIDEOS }, () => loom.addVideo(sampleVideo()).shareUrl);
  const added = await server.request('/api/videos', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ links }),
  });
  if (!added.ok) throw new Error(await added.text());
  const { results } = (await added.json()) as { results: { name: string }[] };
  const events = await followMany(t, url);
  const memory = processTreeSource(child.pid ?? 0);
  let peakBytes = 0;
  const timer = setInterval(() => (peakBytes = Math.max(peakBytes, memory.sample().residentBytes)), 500);
  t.after(() => clearInterval(timer));
  await metric(server, 'nodejs_eventloop_lag_max_seconds');

  const word = wordMaker(seededRandom(2), 20);
  const get = (path: string): { method: 'GET'; path: string } => ({ method: 'GET', path });
  const [reads, searches] = await Promise.all([
    autocannon({
      url,
      connections: READERS,
      duration: SECONDS,
      connectionRate: READS_PER_SECOND,
      requests: items.flatMap(({ name }) => [
        get('/api/videos'),
        get(`/api/videos/default/${name}`),
        get('/api/videos?phase=Ready'),
        get(`/api/videos/default/${name}/transcript.json`),
      ]),
    }),
    autocannon({
      url,
      connections: SEARCHERS,
      duration: SECONDS,
      connectionRate: SEARCHES_PER_SECOND,
      requests: Array.from({ length: 200 }, () =>
        get(`/api/search?q=${Array.from({ length: 4 }, word).join('+')}`),
      ),
    }),
  ]);
  const blockedMs = 1000 * (await metric(server, 'nodejs_eventloop_lag_max_seconds'));
  const finished = async (): Promise<number> => {
    const phases = await Promise.all(
      results.map(
        async ({ name }) => (await getJson<{ phase: string }>(server, `/api/videos/default/${name}`)).phase,
      ),
    );
    return phases.filter((phase) => phase === 'Ready').length;
  };
  const inTime = Date.now() + 120_000;
  while ((await finished()) < VIDEOS && Date.now() < inTime)
    await new Promise((resolve) => setTimeout(resolve, 500));
  return {
    seconds: SECONDS,
    videos: SIZE.videos,
    passages: SIZE.videos * SIZE.passagesPerVideo,
    reads: clientsOf(reads, READERS, READS_PER_SECOND),
    searches: clientsOf(searches, SEARCHERS, SEARCHES_PER_SECOND),
    events: { clients: FOLLOWERS, ...events() },
    posted: VIDEOS,
    finished: await finished(),
    peakMb: toMb(peakBytes),
    blockedMs,
  };
}

/** Clients of the events; what is returned says what they were told so far, and how many streams broke. */
async function followMany(
  t: { after(clean: () => unknown): void },
  url: string,
): Promise<() => { readonly told: number; readonly broken: number }> {
  const stop = new AbortController();
  t.after(() => stop.abort());
  let told = 0;
  let broken = 0;
  for (let number = 0; number < FOLLOWERS; number++) {
    const { ok, body } = await fetch(`${url}/api/events`, { signal: stop.signal });
    if (!ok || !body) throw new Error('a stream of events was refused');
    void (async () => {
      try {
        for await (const text of body.pipeThrough(new TextDecoderStream()))
          told += text.split('event: ').length - 1;
        broken++;
      } catch {
        if (!stop.signal.aborted) broken++;
      }
    })();
  }
  return () => ({ told, broken });
}

function clientsOf(
  { latency: { p50, p97_5, p99, max }, errors, non2xx, '2xx': answers }: Result,
  clients: number,
  perSecond: number,
): LoadedClients {
  return { clients, perSecond, answers, errors: errors + non2xx, latency: { p50, p97_5, p99, max } };
}
