import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../jobrunner/contract/reasons.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { runFetch, type FetchRun, type FetchRunOptions } from '../support/fetchRun.ts';
import { fetchWorld, file, playlist, type FetchWorld, type Media } from '../support/fetchWorld.ts';
import { SIGN_IN_PAGE } from '../support/loom/pages.ts';
import type { VideoOptions } from '../support/loom/video.ts';

/** A video that shall fail: why, whether time may heal it, and within how many seconds that is known. */
interface Case {
  readonly video: (media: Media) => VideoOptions;
  readonly run?: Partial<FetchRunOptions>;
  readonly reason: Reason;
  readonly retryable: boolean;
  /** 10 unless told. */
  readonly within?: number;
  /** Runs of yt-dlp, as its first question shows; 1 unless told. */
  readonly attempts?: number;
  readonly message?: RegExp;
}

const HTML = Buffer.from(SIGN_IN_PAGE);
const GARBAGE = Buffer.alloc(300_000, 'not a video at all ');

const CASES: Readonly<Record<string, Case>> = {
  'a password that is missing': {
    video: ({ plain }) => ({ raw: file(plain), access: { password: 'right' } }),
    reason: 'PasswordProtected',
    retryable: false,
    message: /none was given/,
  },
  'a password that is wrong': {
    video: ({ plain }) => ({ raw: file(plain), access: { password: 'right' } }),
    run: { password: 'wrong' },
    reason: 'PasswordProtected',
    retryable: false,
    message: /wrong/,
  },
  'a private video': {
    video: ({ plain }) => ({ raw: file(plain), access: 'private' }),
    reason: 'VideoPrivate',
    retryable: false,
  },
  'a deleted video': {
    video: ({ plain }) => ({ raw: file(plain), access: 'deleted' }),
    reason: 'VideoNotFound',
    retryable: false,
  },
  'a video that has no stream yet': {
    video: () => ({ raw: { kind: 'hls', variants: [] } }),
    reason: 'DownloadFailed',
    retryable: true,
    attempts: 3,
    message: /no stream of this video yet/,
  },
  '429 always': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'graphql', status: 429 }] }),
    reason: 'RateLimited',
    retryable: true,
    attempts: 5,
  },
  '5xx always': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'graphql', status: 503 }] }),
    reason: 'LoomUnavailable',
    retryable: true,
    attempts: 5,
  },
  'media that are forbidden': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'media', status: 403 }] }),
    reason: 'DownloadForbidden',
    retryable: true,
    attempts: 2,
  },
  'a redirect to elsewhere': {
    video: ({ plain }) => ({
      raw: file(plain),
      faults: [{ on: 'media', redirect: 'http://169.254.169.254/latest/meta-data' }],
    }),
    reason: 'DownloadForbidden',
    retryable: true,
    attempts: 2,
  },
  'a connection cut in mid file, always': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'media', cutAfter: 100_000 }] }),
    reason: 'DownloadFailed',
    retryable: true,
    attempts: 3,
    within: 30,
  },
  'a segment cut, always': {
    video: (media) => ({ raw: playlist(media.hls), faults: [{ on: 'segment', cutAfter: 1000 }] }),
    reason: 'DownloadFailed',
    retryable: true,
    attempts: 3,
    within: 30,
  },
  'a transfer that stalls': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'media', stallAfter: 100_000 }] }),
    run: { limits: { downloadTimeout: '4s' } },
    reason: 'DownloadTimeout',
    retryable: true,
    message: /within 4s/,
  },
  'a sign-in page as mp4': {
    video: () => ({ raw: file(HTML) }),
    reason: 'InvalidFile',
    retryable: false,
    message: /web page/,
  },
  'garbage as mp4': { video: () => ({ raw: file(GARBAGE) }), reason: 'InvalidFile', retryable: false },
  'nothing as mp4': {
    video: () => ({ raw: file(Buffer.alloc(0)) }),
    reason: 'InvalidFile',
    retryable: false,
    message: /empty/,
  },
  'a truncated mp4': {
    video: ({ cutOff }) => ({ raw: file(cutOff) }),
    reason: 'InvalidFile',
    retryable: false,
    message: /cut off/,
  },
  'a video without an audio track': {
    video: ({ soundless }) => ({ raw: file(soundless) }),
    reason: 'NoAudioTrack',
    retryable: false,
    attempts: 2,
  },
  'a video of 400 s': {
    video: ({ long }) => ({ raw: file(long), duration: 400 }),
    reason: 'VideoTooLong',
    retryable: false,
    message: /400 s/,
  },
  'a video of 400 s whose metadata say 100': {
    video: ({ long }) => ({ raw: file(long), duration: 100 }),
    reason: 'VideoTooLong',
    retryable: false,
  },
  'HLS of 400 s whose metadata say nothing': {
    video: ({ long }) => ({ raw: file(long), duration: null }),
    reason: 'VideoTooLong',
    retryable: false,
  },
  '60 MB with Content-Length': {
    video: ({ bulk }) => ({ raw: file(bulk) }),
    reason: 'VideoTooLarge',
    retryable: false,
  },
  '60 MB without Content-Length': {
    video: ({ bulk }) => ({ raw: file(bulk, { length: false }) }),
    reason: 'VideoTooLarge',
    retryable: false,
  },
  'HLS above the size limit, which no single segment passes': {
    video: (media) => ({ raw: playlist(media.hls) }),
    run: { limits: { maxFileSize: '1Mi' } },
    reason: 'VideoTooLarge',
    retryable: false,
  },
};

describe('fetch refuses or gives up on', () => {
  let world: FetchWorld;
  before(async () => {
    world = await fetchWorld();
  });
  after(() => world.loom.close());

  for (const [name, expected] of Object.entries(CASES)) {
    it(`${name}: ${expected.reason}`, async () => {
      const { loom, tools, media } = world;
      const { shareUrl } = loom.addVideo(expected.video(media));
      const from = loom.requests.length;
      const result = await runFetch(loom, { tools, url: shareUrl, ...expected.run });
      assert.equal(
        result.error?.reason,
        expected.reason,
        result.error?.message ?? JSON.stringify(result.artifact),
      );
      assert.equal(result.error.retryable, expected.retryable);
      if (expected.message) assert.match(result.error.message, expected.message);
      assertNothingLeft(result);
      const questions = loom.requests.slice(from).filter(({ operation }) => operation === 'GetVideoSSR');
      assert.equal(questions.length, expected.attempts ?? 1, 'runs of yt-dlp');
      const within = expected.within ?? 10;
      assert.ok(result.seconds < within, `took ${result.seconds} s`);
    });
  }

  it('an id that Loom does not know: VideoNotFound', async () => {
    const { loom, tools } = world;
    const result = await runFetch(loom, { tools, url: `https://www.loom.com/share/${'0'.repeat(32)}` });
    assert.equal(result.error?.reason, 'VideoNotFound');
    assertNothingLeft(result);
  });

  for (const url of [
    'https://www.loom.com/share/folder/0123456789abcdef0123456789abcdef',
    'https://www.loom.com.evil.example/share/0123456789abcdef0123456789abcdef',
    'https://example.com/video.mp4',
    'file:///etc/passwd',
    '--exec=touch /tmp/owned',
  ]) {
    it(`${url}, before anybody is asked: InvalidURL`, async () => {
      const { loom, tools } = world;
      const from = loom.requests.length;
      const result = await runFetch(loom, { tools, url });
      assert.equal(result.error?.reason, 'InvalidURL');
      assert.equal(loom.requests.length, from);
      assertNothingLeft(result);
    });
  }

  it('says it in the log lines people search for', async () => {
    const { loom, tools, media } = world;
    const gone = loom.addVideo({ raw: file(media.plain), access: 'deleted' });
    const { log } = await runFetch(loom, { tools, url: gone.shareUrl });
    assert.deepEqual(log, [
      '❌ yt-dlp download failed: Loom knows no such video: it was deleted, or the link is wrong.',
    ]);
    const page = loom.addVideo({ raw: file(HTML) });
    const invalid = await runFetch(loom, { tools, url: page.shareUrl });
    assert.ok(invalid.log.includes('❌ Downloaded file failed validation'));
  });

  it('a download that is stopped from outside, with the reason of the stop', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({
      raw: file(media.plain),
      faults: [{ on: 'media', stallAfter: 100_000 }],
    });
    const stop = new AbortController();
    const reason = new StageError('MemoryLimitExceeded', 'too much', { killsAtOnce: true });
    const result = await runFetch(loom, {
      tools,
      url: shareUrl,
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    });
    assert.equal(result.error, reason);
    assertNothingLeft(result);
    assert.ok(result.seconds < 5, `took ${result.seconds} s`);
  });

  it('a missing yt-dlp, with the command that installs it: ConfigurationInvalid', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({ raw: file(media.plain) });
    const result = await runFetch(loom, { tools: { ...tools, ytDlp: '/nowhere/yt-dlp' }, url: shareUrl });
    assert.equal(result.error?.reason, 'ConfigurationInvalid');
    assert.match(result.error.message, /npm run setup/);
  });

  it('a certificate that is not trusted, with the variable to set: ConfigurationInvalid', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({ raw: file(media.plain) });
    const stranger = { ...loom, env: { ...loom.env, SSL_CERT_FILE: '/dev/null' } };
    const result = await runFetch(stranger, { tools, url: shareUrl });
    assert.equal(result.error?.reason, 'ConfigurationInvalid', result.error?.message);
    assert.match(result.error.message, /SSL_CERT_FILE/);
  });
});

function assertNothingLeft(result: FetchRun): void {
  assert.deepEqual(result.files, []);
  assert.deepEqual(result.orphans, []);
}
