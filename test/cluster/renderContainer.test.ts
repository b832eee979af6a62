/**
 * The real image as Render's starter plan runs it: 512 MB, half a core, a disk at /data, production, no key. The longest
 * video while searches run, a minute's rest, nine more videos, and the end of a deploy. Needs a Docker engine, which it
 * starts, and no cluster.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fieldOf } from '../../common/memory/readFile.ts';
import { toMb } from '../../common/memory/source.ts';
import type { LoomVideo } from '../../controller/render/resources/resource.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { startDocker, type Docker } from './images/docker.ts';
import { CleanUp } from './support/cleanUp.ts';
import { longestVideo, shortVideo } from './support/recordings.ts';

const IMAGE = process.env['LOOMVIDEO_IMAGE'] ?? '';
const TOKEN = 'a-token-as-render-makes-them-up';
/** Of docs/render/deploy.md. */
const PLAN = ['--memory=512m', '--memory-swap=512m', '--cpus=0.5'];

const DONE_WITHIN_S = 120;
const TREE_MB = 400;
const IDLE_MB = 150;
/** What may come and go with the garbage collector, MB. */
const GROWTH_MB = 25;

suite('the image on 512 MB and half a core', () => {
  const cleanUp = new CleanUp();
  const name = `loomvideo-render-${randomUUID().slice(0, 8)}`;
  let docker: Docker['docker'];
  let loom: Loom;
  let server = '';
  let idleMb = 0;

  before(async () => {
    const engine = await startDocker(new AbortController().signal);
    cleanUp.after(() => engine.stop());
    docker = engine.docker;
    await docker(['image', 'inspect', IMAGE]).catch(() => {
      throw new Error(
        `Our Docker engine has no image ${IMAGE}: run npm run test:cluster without LOOMVIDEO_IMAGE`,
      );
    });
    loom = await startLoom();
    cleanUp.after(() => loom.close());
    const port = await freePort();
    const env = {
      PORT: String(port),
      RENDER: 'true',
      LOOMVIDEO_API_TOKEN: TOKEN,
      HTTPS_PROXY: loom.proxyUrl,
      SSL_CERT_FILE: '/authority/ca.pem',
    };
    await docker(['volume', 'create', name]);
    cleanUp.after(() => docker(['volume', 'rm', '--force', name]));
    cleanUp.after(() => docker(['rm', '--force', name]));
    await docker([
      ...['run', '--detach', `--name=${name}`, '--network=host', ...PLAN],
      ...[
        '--read-only',
        '--tmpfs=/tmp',
        `--volume=${name}:/data`,
        `--volume=${loom.caFile}:/authority/ca.pem:ro`,
      ],
      ...['--security-opt=no-new-privileges', '--cap-drop=ALL'],
      ...Object.entries(env).flatMap((pair) => ['--env', pair.join('=')]),
      ...[IMAGE, 'node', '--max-semi-space-size=2', '--heap-growing-percent=25', 'controller/render.ts'],
    ]);
    server = `http://127.0.0.1:${port}`;
    await until(30_000, 'it listens', () =>
      ask('/readyz').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  });
  after(() => cleanUp.run());

  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const ask = (path: string): Promise<Response> => fetch(server + path, { headers });

  async function until(ms: number, what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + ms; !(await holds()); await delay(200))
      if (performance.now() > end) throw new Error(`not within ${ms / 1000} s: ${what}\n${await logs()}`);
  }

  const logs = (): Promise<string> => docker(['logs', '--tail=40', name]);

  /** MB that the container's processes have in memory, files that they map with it; see docs/decisions/0004. */
  const residentMb = async (): Promise<number> => {
    const read = 'cat /sys/fs/cgroup/memory.stat 2> /dev/null || cat /sys/fs/cgroup/memory/memory.stat';
    const stat = await docker(['exec', name, 'sh', '-c', read]);
    const names = /^total_rss /m.test(stat)
      ? ['total_rss', 'total_shmem', 'total_mapped_file']
      : ['anon', 'shmem', 'file_mapped'];
    return toMb(names.reduce((sum, field) => sum + fieldOf(stat, field), 0));
  };

  const post = async (links: readonly string[]): Promise<void> => {
    const answer = await fetch(`${server}/api/videos`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ links }),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const { results } = JSON.parse(text) as { results: { outcome: string }[] };
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      links.map(() => 'created'),
    );
  };

  const videos = async (): Promise<readonly LoomVideo[]> =>
    ((await (await ask('/apis/qudemo.dev/v1alpha1/loomvideos')).json()) as { items: LoomVideo[] }).items;

  const allEnd = (ms: number): Promise<void> =>
    until(ms, 'all videos end', async () =>
      (await videos()).every(({ status }) => ['Ready', 'Failed'].includes(status?.phase ?? '')),
    );

  const neverKilled = async (): Promise<void> => {
    const state = await docker(['inspect', '--format={{.State.OOMKilled}} {{.RestartCount}}', name]);
    assert.equal(state.trim(), 'false 0', await logs());
  };

  test('takes the longest video in time while searches run, and rests small', async (t) => {
    const begun = performance.now();
    await post([loom.addVideo(await longestVideo()).shareUrl]);
    const took: number[] = [];
    const working = { yet: true };
    const searching = (async () => {
      while (working.yet) {
        const asked = performance.now();
        const answer = await ask('/api/search?q=how%20do%20I%20invite%20a%20colleague');
        assert.equal(answer.status, 200, await answer.text());
        took.push(performance.now() - asked);
        await delay(250);
      }
    })();
    try {
      await allEnd(300_000);
    } finally {
      working.yet = false;
    }
    await searching;
    const seconds = (performance.now() - begun) / 1000;
    const [video] = await videos();
    const { status } = video ?? {};
    assert.equal(status?.phase, 'Ready', `${JSON.stringify(status)}\n${await logs()}`);
    took.sort((a, b) => a - b);
    t.diagnostic(
      `${seconds.toFixed(1)} s, peak ${status.memory?.peakMb} MB; ${took.length} searches, ` +
        `median ${took[took.length >> 1]?.toFixed(0)} ms, slowest ${took.at(-1)?.toFixed(0)} ms`,
    );
    t.diagnostic(JSON.stringify(status.timings));
    assert.ok(seconds <= DONE_WITHIN_S, `${seconds} s`);
    assert.ok((status.memory?.peakMb ?? Infinity) <= TREE_MB, JSON.stringify(status.memory));
    await neverKilled();
    const answer = await ask('/api/search?q=how%20do%20I%20invite%20a%20colleague&wait=true');
    const { results } = (await answer.json()) as { results: { url: string }[] };
    assert.match(results[0]?.url ?? '', /^https:\/\/www\.loom\.com\/share\/[0-9a-f]{32}\?t=\d+/);
    await delay(65_000);
    idleMb = await residentMb();
    t.diagnostic(`${idleMb} MB a minute after`);
    assert.ok(idleMb <= IDLE_MB, `${idleMb} MB`);
  });

  test('does not grow with nine more videos', async (t) => {
    // What grows does so with the number of videos, not with the time that each takes.
    await docker(['update', '--cpus=2', name]);
    const video = await shortVideo();
    await post(Array.from({ length: 9 }, () => loom.addVideo(video).shareUrl));
    await allEnd(300_000);
    assert.deepEqual(
      (await videos()).map(({ status }) => [status?.phase, status?.attempts]),
      Array.from({ length: 10 }, () => ['Ready', 1]),
    );
    await delay(65_000);
    const afterMb = await residentMb();
    t.diagnostic(`${afterMb} MB a minute after ten videos, ${idleMb} MB after one`);
    assert.ok(afterMb <= idleMb + GROWTH_MB, `${afterMb} MB after ${idleMb} MB`);
    await neverKilled();
  });

  test('ends in time when a deploy asks, in the middle of a video, and goes on with it', async (t) => {
    await post([loom.addVideo(await longestVideo()).shareUrl]);
    await until(60_000, 'it transcribes', async () =>
      (await videos()).some(({ status }) => status?.stage === 'transcribe' && status.phase === 'Running'),
    );
    const asked = performance.now();
    await docker(['stop', '--time=30', name]);
    const seconds = (performance.now() - asked) / 1000;
    t.diagnostic(`${seconds.toFixed(1)} s to stop`);
    const code = await docker(['inspect', '--format={{.State.ExitCode}}', name]);
    assert.equal(code.trim(), '0', await logs());
    await docker(['start', name]);
    await until(60_000, 'it is back', () =>
      ask('/readyz').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await allEnd(180_000);
    const all = await videos();
    assert.equal(all.length, 11);
    assert.ok(all.every(({ status }) => status?.phase === 'Ready' && status.attempts === 1));
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
