import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { LoomFallback } from '../../jobrunner/adapters/download/loomFallback.ts';
import { runFetch, ytDlp, type FetchRun, type FetchRunOptions } from '../support/fetchRun.ts';
import { fetchWorld, file, playlist, type FetchWorld, type Media } from '../support/fetchWorld.ts';
import type { Fault, VideoOptions } from '../support/loom/video.ts';

const SECRET = 'Signature=do-not-repeat';

/** Something that only this machine reaches. */
async function inside(t: TestContext): Promise<{ port: number; asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('iam-credentials-of-the-host');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** A way to lead a download astray: `url` is a link to the inside, without an ending. */
interface Case {
  readonly video: (media: Media, url: string) => VideoOptions;
  readonly run?: Partial<FetchRunOptions>;
  /** How the inside is spelled; `127.0.0.1` unless told. */
  readonly host?: string;
}

const hls = (media: Media, faults: readonly Fault[]): VideoOptions => ({ raw: playlist(media.hls), faults });
const answer = (on: Fault['on'], body: string, times = Infinity): Fault => ({ on, status: 200, body, times });
const link = (url: string): string => JSON.stringify({ url });
const segments = (...lines: readonly string[]): string =>
  ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:10', ...lines, '#EXT-X-ENDLIST', ''].join('\n');

const CASES: Readonly<Record<string, Case>> = {
  'a redirect of the media': {
    video: ({ plain }, url) => ({
      raw: file(plain),
      faults: [{ on: 'media', redirect: `${url}/v.mp4?${SECRET}` }],
    }),
  },
  'a redirect of the API': {
    video: ({ plain }, url) => ({
      raw: file(plain),
      faults: [{ on: 'graphql', redirect: `${url}/graphql` }],
    }),
  },
  'a signed link to media': {
    video: (_, url) => ({ faults: [answer('raw-url', link(`${url}/v.mp4?${SECRET}`))] }),
  },
  'a link that spells the address as one number': {
    video: (_, url) => ({ faults: [answer('raw-url', link(`${url}/v.mp4`))] }),
    host: '2130706433',
  },
  'a link that spells it in hexadecimal': {
    video: (_, url) => ({ faults: [answer('raw-url', link(`${url}/v.mp4`))] }),
    host: '0x7f.1',
  },
  'a link to localhost': {
    video: (_, url) => ({ faults: [answer('raw-url', link(`${url}/v.mp4`))] }),
    host: 'localhost',
  },
  'a redirect of a playlist': {
    video: (media, url) => hls(media, [{ on: 'playlist', redirect: `${url}/v.m3u8` }]),
  },
  'the renditions of a playlist': {
    video: (media, url) =>
      hls(media, [
        answer(
          'playlist',
          `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=640x360\n${url}/index.m3u8?${SECRET}\n`,
        ),
      ]),
  },
  'the segments of a playlist': {
    video: (media, url) => hls(media, [answer('playlist', segments('#EXTINF:10,', `${url}/s.ts?${SECRET}`))]),
  },
  'the key of a playlist': {
    video: (media, url) =>
      hls(media, [
        answer(
          'playlist',
          segments(`#EXT-X-KEY:METHOD=AES-128,URI="${url}/key"`, '#EXTINF:10,', segment(media)),
        ),
      ]),
  },
  'the initialization of a playlist': {
    video: (media, url) =>
      hls(media, [answer('playlist', segments(`#EXT-X-MAP:URI="${url}/init.mp4"`, '#EXTINF:10,', 's.m4s'))]),
  },
  // yt-dlp leaves encryption of this kind to ffmpeg, whatever downloader it is told.
  'a playlist that ffmpeg has to load': {
    video: (media, url) =>
      hls(media, [
        answer(
          'playlist',
          segments(`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${url}/key"`, '#EXTINF:10,', `${url}/s.ts?${SECRET}`),
        ),
      ]),
  },
  'a DASH manifest': {
    video: (_, url) => ({ faults: [answer('raw-url', link(`${url}/v.mpd?${SECRET}`))] }),
  },
  captions: {
    video: ({ plain }, url) => ({
      raw: file(plain),
      captions: 'WEBVTT\n',
      faults: [{ on: 'captions', redirect: `${url}/c.vtt` }],
    }),
    run: { source: 'captions' },
  },
};

/** A segment that is there, as the master playlist's folder names it: yt-dlp asks for a key only after a segment. */
function segment({ hls: folder }: Media): string {
  return `video0/${readdirSync(folder).find((name) => name.endsWith('.ts'))}`;
}

describe('fetch is not led to what only this machine reaches', () => {
  let world: FetchWorld;
  before(async () => {
    world = await fetchWorld();
  });
  after(() => world.loom.close());

  for (const [name, { video, run, host = '127.0.0.1' }] of Object.entries(CASES)) {
    it(`by ${name}`, async (t) => {
      const { loom, tools, media } = world;
      const { port, asked } = await inside(t);
      const { shareUrl } = loom.addVideo(video(media, `http://${host}:${port}`));
      const result = await runFetch(loom, { tools, url: shareUrl, ways: past, ...run });
      assertRefused(result);
      assert.deepEqual(asked, []);
    });
  }

  it('by a redirect of a direct link to media, which itself may be anywhere', async (t) => {
    const { loom, tools } = world;
    const { port, asked } = await inside(t);
    const led = createServer((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/v.mp4?${SECRET}` }).end();
    });
    await new Promise<void>((resolve) => led.listen(0, '127.0.0.1', resolve));
    t.after(() => led.close());
    const url = `http://127.0.0.1:${(led.address() as AddressInfo).port}/v.mp4`;
    assertRefused(await runFetch(loom, { tools, url, ways: past }));
    assert.deepEqual(asked, []);
  });

  it("by a redirect of the media that one of development's ways found", async (t) => {
    const { loom, tools, media } = world;
    const { port, asked } = await inside(t);
    const { shareUrl } = loom.addVideo({
      openGraph: file(media.plain),
      faults: [{ on: 'media', redirect: `http://127.0.0.1:${port}/v.mp4?${SECRET}` }],
    });
    const ways: FetchRunOptions['ways'] = (env) => {
      const { direct } = past(env);
      assert.ok(direct);
      return { loom: [new LoomFallback({ source: 'open-graph', media: direct, env, apiKey: undefined })] };
    };
    assertRefused(await runFetch(loom, { tools, url: shareUrl, ways }));
    assert.deepEqual(asked, []);
  });

  it('by a link for a program that knows no proxy: it is not started', async (t) => {
    const { loom, tools } = world;
    const { port } = await inside(t);
    const bin = await mkdtemp(join(tmpdir(), 'fetch-egress-'));
    t.after(() => rm(bin, { recursive: true }));
    await writeFile(join(bin, 'rtmpdump'), `#!/bin/sh\necho started > "${bin}/started"\n`);
    await chmod(join(bin, 'rtmpdump'), 0o755);
    const rtmp = link(`rtmp://127.0.0.1:${port}/v.mp4`);
    const { shareUrl } = loom.addVideo({ faults: [answer('raw-url', rtmp)] });
    const result = await runFetch(loom, {
      tools,
      url: shareUrl,
      ways: (env) => past({ ...env, PATH: `${bin}:${env['PATH']}` }),
    });
    assert.equal(result.error?.reason, 'DownloadFailed', result.error?.message);
    assert.deepEqual(await readdir(bin), ['rtmpdump']);
  });

  it('and says which setting to correct where the proxy is none of HTTP', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({ raw: file(media.plain) });
    const result = await runFetch(loom, {
      tools,
      url: shareUrl,
      ways: (env) => past({ ...env, HTTPS_PROXY: 'socks5://me:secret@127.0.0.1:1080' }),
    });
    assert.equal(result.error?.reason, 'ConfigurationInvalid');
    assert.match(result.error.message, /HTTPS_PROXY/);
    assert.doesNotMatch(result.error.message, /secret/);
  });

  /** yt-dlp as where no proxy stands between it and this machine, for Loom's links and direct ones. */
  function past(loomEnv: NodeJS.ProcessEnv): ReturnType<NonNullable<FetchRunOptions['ways']>> {
    const { tools } = world;
    const env = { ...loomEnv, NO_PROXY: '127.0.0.1,2130706433,0x7f.1,localhost' };
    return { loom: [ytDlp(tools, env)], direct: ytDlp(tools, env, 'generic') };
  }
});

function assertRefused({ error, files, orphans, log, seconds }: FetchRun): void {
  assert.equal(error?.reason, 'DownloadForbidden', error?.message);
  assert.match(
    error.message,
    /^The download was led to an address that is not public \((127\.0\.0\.1|localhost)\)/,
  );
  assert.ok(!`${error.message}${log.join('\n')}`.includes(SECRET));
  // Tried once more, since Loom may correct a link.
  assert.equal(log.filter((line) => line.startsWith('Download attempt ')).length, 1);
  assert.deepEqual([files, orphans], [[], []]);
  assert.ok(seconds < 20, `took ${seconds} s`);
}
