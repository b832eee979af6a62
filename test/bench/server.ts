import { setTimeout as sleep } from 'node:timers/promises';
import { startRender, type RenderServer } from '../process/renderServer.ts';

/** What tests defer to their end, for a benchmark: the last first. */
export async function withCleanup<T>(
  work: (t: { after(clean: () => unknown): void }) => Promise<T>,
): Promise<T> {
  await using end = new AsyncDisposableStack();
  return await work({ after: (clean) => end.defer(async () => void (await clean())) });
}

export interface StartedServer {
  readonly server: RenderServer;
  /** From the start of the process until it says that it is ready, milliseconds. */
  readonly startMs: number;
}

/** The first start on a filled store takes note of all videos; what is measured is the next, which is as every other. */
export async function startAgain(
  t: { after(clean: () => unknown): void },
  env: Readonly<Record<string, string>>,
): Promise<StartedServer> {
  const { server: first } = await startMeasured(t, env);
  const version = async (): Promise<string> =>
    (await getJson<{ resourceVersion: string }>(first, '/api/videos?limit=1')).resourceVersion;
  for (let before = ''; before !== (await version()); await sleep(1000)) before = await version();
  await first.end('SIGTERM');
  return startMeasured(t, env);
}

async function startMeasured(
  t: { after(clean: () => unknown): void },
  env: Readonly<Record<string, string>>,
): Promise<StartedServer> {
  const begun = performance.now();
  const server = await startRender(t, env);
  while (!(await server.request('/readyz')).ok) await sleep(5);
  return { server, startMs: performance.now() - begun };
}

export async function getJson<T>(server: RenderServer, path: string): Promise<T> {
  const answer = await server.request(path);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** One value of the server's metrics. */
export async function metric(server: RenderServer, name: string): Promise<number> {
  const text = await (await server.request('/metrics')).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

/** Milliseconds of each of so many calls, one after another. */
export async function timed(times: number, call: (turn: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    const begun = performance.now();
    await call(turn);
    taken.push(performance.now() - begun);
  }
  return taken;
}
