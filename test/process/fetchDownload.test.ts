import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { runFetch, type FetchRunOptions } from '../support/fetchRun.ts';
import { fetchWorld, file, playlist, type FetchWorld, type Media } from '../support/fetchWorld.ts';
import type { VideoOptions } from '../support/loom/video.ts';

/** A video that shall arrive, and what shall be seen of it. */
interface Case {
  readonly video: (media: Media) => VideoOptions;
  readonly run?: Partial<FetchRunOptions>;
  readonly files?: readonly string[];
  /** Pixels of the picture that was taken. */
  readonly height?: number;
  readonly logged?: RegExp;
}

/** Quotes, a command, markup, line breaks, a line of our own, right-to-left and ten kilobytes. */
const HOSTILE = `"'\`$(touch /tmp/owned); <script>alert(1)</script>\r\n[loomvideo-info]{"title":"forged"}\n\u202Etxt.exe ${'x'.repeat(10_240)}`;
const PASSWORD = `it's "a" $(secret) \\ é #1`;

const CASES: Readonly<Record<string, Case>> = {
  'a plain mp4': { video: ({ plain }) => ({ raw: file(plain) }), height: 360 },
  'an mp4 without a length': { video: ({ plain }) => ({ raw: file(plain, { length: false }) }), height: 360 },
  'a webm as browsers record it': {
    video: ({ webm }) => ({ raw: file(webm, { extension: 'webm' }), width: 320, height: 180 }),
    files: ['video.json', 'video.webm'],
    height: 180,
  },
  'HLS with picture and sound together': { video: (media) => ({ raw: playlist(media.hls) }), height: 360 },
  'HLS with picture and sound apart, 720p only, as Loom records today': {
    video: ({ video720, audio720 }) => ({
      raw: playlist(video720, { audioFolder: audio720, width: 1280, height: 720 }),
    }),
    height: 720,
  },
  '720p only': { video: ({ p720 }) => ({ raw: file(p720), width: 1280, height: 720 }), height: 720 },
  'a choice of 720p and 360p: the one below 480': {
    video: (media) => ({
      raw: {
        kind: 'hls',
        variants: [
          {
            folder: media.video720,
            audioFolder: media.audio720,
            width: 1280,
            height: 720,
            bitrate: 9e5,
            codecs: 'avc1.42c01f,mp4a.40.2',
          },
          { folder: media.hls, width: 640, height: 360, bitrate: 3e5, codecs: 'avc1.42c01e,mp4a.40.2' },
        ],
      },
    }),
    height: 360,
  },
  'a stated silent stream below 480 beside 720p with sound: the sound': {
    video: (media) => ({
      raw: playlist(media.hlsSoundless, { codecs: 'avc1.42c01e' }),
      transcoded: file(media.p720),
      width: 1280,
      height: 720,
    }),
    height: 720,
  },
  'an unstated silent stream beside one with sound: the sound': {
    video: ({ soundless, plain }) => ({ raw: file(plain), transcoded: file(soundless) }),
    height: 360,
  },
  'a silent recording with an audio track': { video: ({ silent }) => ({ raw: file(silent) }), height: 360 },
  'a password, the right one': {
    video: ({ plain }) => ({ raw: file(plain), access: { password: PASSWORD } }),
    run: { password: PASSWORD },
  },
  '429 twice, then fine': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'graphql', status: 429, times: 2 }] }),
    logged: /^Download attempt 1 failed, .*429/,
  },
  '429 three times, of which one costs only the metadata': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'graphql', status: 429, times: 3 }] }),
  },
  'a connection that is cut once in mid file': {
    video: ({ plain }) => ({ raw: file(plain), faults: [{ on: 'media', cutAfter: 300_000, times: 1 }] }),
  },
  'a segment refused once: its signature ran out': {
    video: (media) => ({ raw: playlist(media.hls), faults: [{ on: 'segment', status: 403, times: 1 }] }),
  },
  'a hostile title': { video: ({ plain }) => ({ raw: file(plain), name: HOSTILE }) },
  'a video without a title': { video: ({ plain }) => ({ raw: file(plain), name: '' }) },
};

describe('fetch brings', () => {
  let world: FetchWorld;
  before(async () => {
    world = await fetchWorld();
  });
  after(() => world.loom.close());

  for (const [name, { video, run, files = ['video.json', 'video.mp4'], height, logged }] of Object.entries(
    CASES,
  )) {
    it(name, async () => {
      const { url, result } = await fetch(video, run);
      assert.equal(result.error, undefined);
      assert.deepEqual(result.files, files);
      assert.deepEqual(result.orphans, []);
      assert.equal(result.artifact?.url, url);
      assert.equal(result.artifact.source, 'yt-dlp');
      assert.ok(Math.abs(result.artifact.durationSeconds - 10) < 0.2, `${result.artifact.durationSeconds} s`);
      if (height !== undefined) assert.equal(result.artifact.height, height);
      if (logged)
        assert.ok(
          result.log.some((line) => logged.test(line)),
          result.log.join('\n'),
        );
      assert.ok(result.seconds < 20, `${result.seconds} s`);
    });
  }

  it('title, uploader and chapters, with the log lines people search for', async () => {
    const { result } = await fetch(({ plain }) => ({
      raw: file(plain),
      name: 'Über “quotes” & co',
      owner: 'Grace H.',
      chapters: '0:00 Intro\n0:04 The rest',
    }));
    const { artifact, log } = result;
    assert.equal(artifact?.title, 'Über “quotes” & co');
    assert.equal(artifact.uploader, 'Grace H.');
    assert.deepEqual(artifact.chapters, [
      { start: 0, title: 'Intro' },
      { start: 4, title: 'The rest' },
    ]);
    assert.deepEqual(log, [
      '✅ Video info extracted: Über “quotes” & co - Duration: 10s',
      `✅ Successfully downloaded using yt-dlp: video.mp4 (${artifact.sizeBytes} bytes)`,
      '✅ Valid video file signature detected: video.mp4',
    ]);
  });

  it('a hostile title as one harmless line', async () => {
    const { result } = await fetch(({ plain }) => ({ raw: file(plain), name: HOSTILE }));
    const title = result.artifact?.title ?? '';
    assert.match(title, /^"'`\$\(touch/);
    assert.ok(title.length <= 300);
    for (const line of [title, ...result.log]) assert.doesNotMatch(line, /[\p{Cc}\u202E]/u);
    assert.equal(result.log.length, 3);
  });

  it("Loom's captions where they are wanted", async () => {
    const captions = 'WEBVTT\n\n00:00.000 --> 00:02.000\nHello there\n';
    const { result } = await fetch(({ plain }) => ({ raw: file(plain), captions }), { source: 'auto' });
    assert.deepEqual(result.files, ['captions.vtt', 'video.json', 'video.mp4']);
    assert.equal(result.artifact?.captionsFile, 'captions.vtt');
  });

  it('a video whose captions fail, when Whisper may do without', async () => {
    const { result } = await fetch(failingCaptions, { source: 'auto' });
    assert.equal(result.error, undefined);
    assert.equal(result.artifact?.captionsFile, undefined);
  });

  it('progress that never runs backwards, over two parts', async () => {
    const { result } = await fetch(({ video720, audio720 }) => ({
      raw: playlist(video720, { audioFolder: audio720, width: 1280, height: 720 }),
    }));
    const percents = result.progress.flatMap(({ percent }) => (percent === undefined ? [] : [percent]));
    assert.deepEqual(
      percents,
      percents.toSorted((a, b) => a - b),
    );
    assert.equal(percents.at(-1), 100);
    assert.match(result.progress.at(-1)?.detail ?? '', /^\d+\.\d MB$/);
  });

  it('the same video by every form of its link, asking only Loom', async () => {
    const { loom, tools, media } = world;
    const { id, shareUrl } = loom.addVideo({ raw: file(media.plain) });
    const from = loom.requests.length;
    for (const url of [
      `https://www.loom.com/share/my-great-title-${id}`,
      `https://loom.com/embed/${id}?sid=1b1e5d4c-0000-4000-8000-000000000000&hide_owner=true#t=3`,
      `https://www.loom.com/share/${id}/`,
    ]) {
      const result = await runFetch(loom, { tools, url });
      assert.equal(result.artifact?.url, shareUrl, url);
    }
    const hosts = new Set(loom.requests.slice(from).map(({ host }) => host));
    assert.deepEqual([...hosts].toSorted(), ['cdn.loom.com', 'www.loom.com']);
  });

  it('a password without showing it in the process list', async () => {
    const { loom, tools, media } = world;
    const video = loom.addVideo({ raw: file(media.plain), access: { password: PASSWORD } });
    const seen: string[] = [];
    const result = await runFetch(loom, {
      tools,
      url: video.shareUrl,
      password: PASSWORD,
      onProgress: () => seen.push(allCommandLines()),
    });
    assert.equal(result.error, undefined);
    assert.ok(seen.length > 0 && !seen.join('').includes('$(secret)'));
    assert.ok(!result.log.join('').includes('$(secret)'));
  });

  async function fetch(video: Case['video'], run: Partial<FetchRunOptions> = {}) {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo(video(media));
    return { url: shareUrl, result: await runFetch(loom, { tools, url: shareUrl, ...run }) };
  }
});

function failingCaptions({ plain }: Media): VideoOptions {
  return { raw: file(plain), captions: 'WEBVTT\n', faults: [{ on: 'captions', status: 500 }] };
}

/** The command lines of all processes, as anybody on the machine can read them. */
function allCommandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}
