import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { apiWorld, TABLE, VIDEOS, type AnswerBody } from './apiWorld.ts';
import { manifest } from './resourceWorld.ts';

interface WatchLine {
  readonly type: string;
  readonly object: AnswerBody & { readonly code?: number };
}

suite('watching over HTTP', () => {
  test('begins with what there is, goes on with changes, and ends in time', async (t) => {
    const { videos, listen } = apiWorld(t);
    videos.create('default', manifest('a'));
    const watch = await open(`${await listen()}${VIDEOS}?watch=true&timeoutSeconds=1`);
    assert.equal(wordOf(await watch.next()), 'ADDED a@2');
    videos.create('default', manifest('b'));
    videos.delete({ namespace: 'default', name: 'a' });
    assert.deepEqual([wordOf(await watch.next()), wordOf(await watch.next())], ['ADDED b@3', 'DELETED a@4']);
    assert.equal(await watch.next(), undefined);
  });

  test('sends its headers before there is anything to tell', async (t) => {
    const { videos, listen } = apiWorld(t);
    const watch = await open(`${await listen()}${VIDEOS}?watch=true&resourceVersion=${videos.version}`);
    assert.equal(watch.response.statusCode, 200);
    assert.equal(watch.response.headers['content-type'], 'application/json');
    watch.response.destroy();
  });

  test('marks the end of what there was, for clients that list by watching', async (t) => {
    const { videos, listen } = apiWorld(t);
    videos.create('default', manifest('a'));
    const asked =
      'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const base = await listen();
    const watch = await open(`${base}${VIDEOS}?${asked}`);
    assert.equal(wordOf(await watch.next()), 'ADDED a@2');
    const mark = await watch.next();
    assert.equal(mark?.type, 'BOOKMARK');
    assert.deepEqual(mark.object.metadata['annotations'], { 'k8s.io/initial-events-end': 'true' });
    watch.response.destroy();
    const refused = await fetch(`${base}${VIDEOS}?watch=true&sendInitialEvents=true`);
    assert.equal(refused.status, 422);
  });

  test('sends tables to those who ask for them, the columns once', async (t) => {
    const { videos, listen } = apiWorld(t);
    videos.create('default', manifest('a'));
    videos.create('default', manifest('b'));
    const watch = await open(`${await listen()}${VIDEOS}?watch=1`, { accept: TABLE });
    const [first, second] = [await watch.next(), await watch.next()];
    assert.deepEqual(first?.object.rows[0]?.cells[0], 'a');
    assert.equal(first?.object.columnDefinitions?.length, 8);
    assert.deepEqual([second?.object.rows[0]?.cells[0], second?.object.columnDefinitions], ['b', null]);
    watch.response.destroy();
  });

  test('tells one who comes too late, and ends', async (t) => {
    const { videos, listen } = apiWorld(t, { bounds: { maxChanges: 3 } });
    for (let n = 0; n < 10; n++) videos.create('default', manifest(`v${n}`));
    const watch = await open(`${await listen()}${VIDEOS}?watch=true&resourceVersion=2`);
    const late = await watch.next();
    assert.deepEqual([late?.type, late?.object.code, late?.object.reason], ['ERROR', 410, 'Expired']);
    assert.equal(await watch.next(), undefined);
  });

  test('serves many at once, each in order', async (t) => {
    const { videos, listen } = apiWorld(t);
    const base = await listen();
    const watches = await Promise.all(
      Array.from({ length: 100 }, () => open(`${base}${VIDEOS}?watch=true&resourceVersion=1`)),
    );
    for (let n = 0; n < 50; n++) videos.create('default', manifest(`v${n}`));
    const expected = Array.from({ length: 50 }, (_, n) => `ADDED v${n}@${n + 2}`);
    await Promise.all(
      watches.map(async ({ next, response }) => {
        const heard: string[] = [];
        while (heard.length < 50) heard.push(wordOf(await next()));
        assert.deepEqual(heard, expected);
        response.destroy();
      }),
    );
  });

  test('holds nothing up for one who does not read, and lets go of those who left', async (t) => {
    const { app, videos, listen } = apiWorld(t, { bounds: { maxChanges: 200 } });
    const base = await listen();
    videos.create('default', manifest('a', {}, { annotations: { big: 'x'.repeat(200_000) } }));
    const [slow] = (await once(get(`${base}${VIDEOS}?watch=true`), 'response')) as [IncomingMessage];
    slow.pause();
    const quick = await open(`${base}${VIDEOS}?watch=true&resourceVersion=${videos.version}`);
    const key = { namespace: 'default', name: 'a' };
    const before = retainedBytes();
    for (let n = 0; n < 300; n++) {
      videos.patch(key, { metadata: { labels: { n: String(n) } } });
      assert.equal((await quick.next())?.object.metadata.resourceVersion, String(n + 3));
    }
    // 300 changes of 200 kB are 60 MB: they are in the log, not in a queue for the slow one.
    const grown = retainedBytes() - before;
    assert.ok(grown < 50 * 1024 * 1024, `${Math.round(grown / 1e6)} MB`);
    const lines = createInterface(slow);
    let last: string | undefined;
    lines.on('line', (line) => (last = line));
    await once(slow, 'end');
    assert.equal((JSON.parse(last ?? '{}') as WatchLine).type, 'ERROR');
    quick.response.destroy();
    await until(async () => (await connections(app)) === 0);
  });

  test('ends with the server', async (t) => {
    const { app, listen } = apiWorld(t);
    const watch = await open(`${await listen()}${VIDEOS}?watch=true`);
    const started = performance.now();
    await app.close();
    assert.equal(await watch.next(), undefined);
    assert.ok(performance.now() - started < 2000);
  });
});

/** What is held once the garbage is gone: resident memory tells more of the collector than of us. */
function retainedBytes(): number {
  setFlagsFromString('--expose-gc');
  // oxlint-disable-next-line no-unsafe-type-assertion -- the flag above makes it
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function open(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ response: IncomingMessage; next: () => Promise<WatchLine | undefined> }> {
  const [response] = (await once(get(url, { headers, agent: false }), 'response')) as [IncomingMessage];
  // Whoever destroys a response on purpose does not want to hear of it.
  response.on('error', () => undefined);
  const lines = createInterface(response)[Symbol.asyncIterator]();
  return {
    response,
    next: async () => {
      const { value, done } = await lines.next();
      return done ? undefined : (JSON.parse(value) as WatchLine);
    },
  };
}

function wordOf(line: WatchLine | undefined): string {
  return line
    ? `${line.type} ${String(line.object.metadata['name'])}@${line.object.metadata.resourceVersion}`
    : 'end';
}

function connections(app: {
  server: { getConnections(done: (error: Error | null, count: number) => void): unknown };
}): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, 'not within 10 s');
    await delay(20);
  }
}
