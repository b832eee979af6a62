import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LocalFile } from '../../jobrunner/adapters/download/localFile.ts';
import { LoomFallback, type FallbackSource } from '../../jobrunner/adapters/download/loomFallback.ts';
import { runFetch, ytDlp, type FetchRunOptions } from '../support/fetchRun.ts';
import { fetchWorld, file, playlist, type FetchWorld, type Media } from '../support/fetchWorld.ts';
import { serveMediaFile } from '../support/mediaServer.ts';
import type { Fault, VideoOptions } from '../support/loom/video.ts';

const KEY = 'loom-key-of-the-tests';

/** Breaks yt-dlp's extractor for good, as a change of Loom's may: each run of it asks this many GraphQL questions. */
const EXTRACTOR_BROKEN: Fault = { on: 'graphql', status: 400, times: 6 };

/** A way of development, the video that it alone can get, and the line that says so. */
const WAYS: Readonly<Record<FallbackSource, { video: (media: Media) => VideoOptions; line: RegExp }>> = {
  'loom-api': {
    video: ({ plain }) => ({ raw: file(plain), faults: [EXTRACTOR_BROKEN] }),
    line: /^✅ Successfully downloaded using Loom API: video\.mp4 \(\d+ bytes\)$/,
  },
  cdn: {
    video: (media) => ({
      cdn: playlist(media.hls),
      faults: [EXTRACTOR_BROKEN],
    }),
    line: /^✅ Successfully downloaded using CDN: video\.mp4 \(\d+ bytes\)$/,
  },
  'open-graph': {
    video: ({ plain }) => ({ openGraph: file(plain), faults: [{ on: 'graphql', status: 400 }] }),
    line: /^✅ Successfully downloaded using Standard video processing: video\.mp4 \(\d+ bytes\)$/,
  },
};

describe('in development', () => {
  let world: FetchWorld;
  before(async () => {
    world = await fetchWorld();
  });
  after(() => world.loom.close());

  for (const [source, { video, line }] of Object.entries(WAYS)) {
    it(`what yt-dlp cannot get comes by ${source}`, async () => {
      const { loom, tools, media } = world;
      const { shareUrl } = loom.addVideo({ ...video(media), name: 'A & B "c"' });
      const result = await runFetch(loom, { tools, url: shareUrl, ways: allWays });
      assert.equal(result.error, undefined, result.log.join('\n'));
      assert.equal(result.artifact?.source, source);
      assert.equal(result.artifact.title, 'A & B "c"');
      assert.ok(result.log.some((entry) => entry.startsWith('❌ yt-dlp download failed: ')));
      assert.ok(
        result.log.some((entry) => line.test(entry)),
        result.log.join('\n'),
      );
      assert.deepEqual(result.files, ['video.json', 'video.mp4']);
      assert.deepEqual(result.orphans, []);
    });
  }

  it('the key goes to the API as bearer, and nowhere else', async () => {
    const { loom, tools, media } = world;
    const from = loom.requests.length;
    const { shareUrl } = loom.addVideo(WAYS['loom-api'].video(media));
    const { log } = await runFetch(loom, { tools, url: shareUrl, ways: allWays });
    const asked = loom.requests.slice(from);
    const withKey = asked.filter(({ authorization }) => authorization === `Bearer ${KEY}`);
    assert.ok(withKey.length > 0);
    for (const { host, path } of withKey) assert.match(`${host}${path}`, /^www\.loom\.com\/(api|graphql)/);
    assert.ok(!log.join('').includes(KEY));
  });

  it('all ways together keep to the download timeout, and the first one says why', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({
      raw: file(media.plain),
      faults: [
        { on: 'graphql', status: 503 },
        { on: 'media', stallAfter: 1000 },
      ],
    });
    // Five runs of yt-dlp fit in on a busy machine.
    const limits = { downloadTimeout: '15s' };
    const result = await runFetch(loom, { tools, url: shareUrl, ways: allWays, limits });
    assert.equal(result.error?.reason, 'LoomUnavailable');
    assert.deepEqual(result.files, []);
    assert.ok(result.seconds < 18, `took ${result.seconds} s`);
  });

  it('a private video stays private: no other way is tried', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({ raw: file(media.plain), access: 'private' });
    const result = await runFetch(loom, { tools, url: shareUrl, ways: allWays });
    assert.equal(result.error?.reason, 'VideoPrivate');
    assert.equal(result.log.filter((line) => line.includes('download failed')).length, 1);
  });

  it('a media link that leads away from Loom is not followed', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({
      raw: file(media.plain),
      faults: [
        { on: 'graphql', status: 400 },
        { on: 'raw-url', status: 200, body: '{"url":"http://169.254.169.254/latest/meta-data"}' },
        { on: 'transcoded-url', status: 200, body: '{"url":"https://cdn.loom.com.evil.example/x.mp4"}' },
      ],
    });
    const from = loom.requests.length;
    const result = await runFetch(loom, { tools, url: shareUrl, ways: allWays });
    assert.equal(result.error?.retryable, true);
    const hosts = new Set(loom.requests.slice(from).map(({ host }) => host));
    assert.deepEqual([...hosts], ['www.loom.com']);
  });

  it('a direct link to media within the same limits', async () => {
    const { loom, tools, media } = world;
    for (const [path, reason] of [
      [media.plain, undefined],
      [media.bulk, 'VideoTooLarge'],
    ] as const) {
      await using server = await serveMediaFile(path);
      const result = await runFetch(loom, { tools, url: server.url, ways: allWays });
      assert.equal(result.error?.reason, reason, result.log.join('\n'));
      assert.deepEqual(result.files, reason ? [] : ['video.json', 'video.mp4']);
      if (!reason) assert.equal(result.artifact?.source, 'direct');
    }
  });

  it('a local file, which stays as it was', async () => {
    const { loom, tools, media } = world;
    const then = await stat(media.plain);
    const result = await runFetch(loom, { tools, url: pathToFileURL(media.plain).href, ways: allWays });
    assert.equal(result.artifact?.source, 'file');
    assert.match(result.artifact.title, /^[0-9a-f]+-10s-360p-tone$/);
    const now = await stat(media.plain);
    assert.deepEqual([now.size, now.mtimeMs, now.mode], [then.size, then.mtimeMs, then.mode]);
  });

  for (const [what, path, reason] of [
    ['a missing file', '/nowhere/x.mp4', 'InvalidURL'],
    ['a folder', '/tmp', 'InvalidURL'],
    ['a device', '/dev/zero', 'InvalidURL'],
    ['a text', import.meta.filename, 'InvalidFile'],
  ] as const) {
    it(`${what} in its place: ${reason}`, async () => {
      const { loom, tools } = world;
      const result = await runFetch(loom, { tools, url: pathToFileURL(path).href, ways: allWays });
      assert.equal(result.error?.reason, reason);
      assert.deepEqual(result.files, []);
    });
  }

  /** The ways in the order that development has them. */
  function allWays(loomEnv: NodeJS.ProcessEnv): ReturnType<NonNullable<FetchRunOptions['ways']>> {
    const { tools } = world;
    const env = { ...loomEnv, NO_PROXY: '127.0.0.1' };
    const direct = ytDlp(tools, env, 'generic');
    const fallback = (source: FallbackSource): LoomFallback =>
      new LoomFallback({ source, media: direct, env, apiKey: KEY });
    return {
      loom: [ytDlp(tools, env), fallback('loom-api'), fallback('cdn'), fallback('open-graph')],
      direct,
      file: new LocalFile(),
    };
  }
});
