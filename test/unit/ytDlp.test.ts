import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { formatSelector } from '../../jobrunner/adapters/download/formats.ts';
import { passwordConfig, ytDlpArguments } from '../../jobrunner/adapters/download/ytDlpArguments.ts';
import { metadataError, ytDlpError } from '../../jobrunner/adapters/download/ytDlpErrors.ts';
import { YtDlpOutput } from '../../jobrunner/adapters/download/ytDlpOutput.ts';
import type { Reason } from '../../jobrunner/contract/reasons.ts';
import type { VideoInfo } from '../../jobrunner/ports.ts';

describe('formatSelector', () => {
  it('begins with the lowest MP4 below the height and ends with what may be silent', () => {
    const alternatives = formatSelector(480).split('/');
    assert.deepEqual(alternatives.slice(0, 2), ['worst[height<=480][ext=mp4]', 'worst[height<=480]']);
    assert.deepEqual(alternatives.slice(-2), ['worstvideo*', 'worstaudio']);
  });

  it('leaves out formats that turned out silent, in every alternative', () => {
    const alternatives = formatSelector(480, ['http-raw', 'hls-raw-300']).split(/[/+]/);
    for (const alternative of alternatives)
      assert.ok(alternative.includes('[format_id!=http-raw][format_id!=hls-raw-300]'), alternative);
  });
});

describe('ytDlpArguments', () => {
  const request = {
    url: '--exec=touch /tmp/owned',
    folder: '/work',
    limits: { maxBytes: 1000, maxSeconds: 300, maxHeight: 480 },
    wantCaptions: false,
    password: 'tell nobody',
    signal: new AbortController().signal,
    onInfo: () => undefined,
    onProgress: () => undefined,
  };
  const args = ytDlpArguments(request, { ffmpegPath: '/bin/ffmpeg', extractor: 'loom', excluded: [] });

  it('puts the link behind the end of the options', () => {
    assert.deepEqual(args.slice(-2), ['--', request.url]);
  });

  it('holds no password, but asks for it on stdin', () => {
    assert.ok(!args.join(' ').includes('tell nobody'));
    assert.equal(args[args.indexOf('--config-locations') + 1], '-');
  });
});

describe('passwordConfig', () => {
  for (const password of [
    `it's`,
    `"double" \\back`,
    '$(id) `id` #no comment',
    '-starts with a dash',
    'é 密码',
    'a\nb',
  ]) {
    it(`hands ${JSON.stringify(password)} through a shell's rules unchanged`, () => {
      const code = 'import shlex, sys; print(shlex.split(sys.stdin, comments=True)[0], end="")';
      const input = passwordConfig(password);
      const env = { PATH: process.env['PATH'], PYTHONUTF8: '1' };
      const seen = execFileSync('python3', ['-c', code], { input, encoding: 'utf8', env });
      assert.equal(seen, `--video-password=${password}`);
    });
  }
});

describe('YtDlpOutput', () => {
  it('reads metadata and survives wrong types', () => {
    const { infos } = read(
      '[loomvideo-info]{"title":"A","uploader":"B","duration":12,"chapters":[{"start_time":0,"title":"C"},{"x":1},7]}',
      '[loomvideo-info]{"title":7,"uploader":null,"duration":"12","chapters":"none"}',
      '[loomvideo-info]{"title":',
      '[loomvideo-info]null',
    );
    assert.deepEqual(infos, [
      { title: 'A', uploader: 'B', durationSeconds: 12, chapters: [{ start: 0, title: 'C' }] },
      { title: '', chapters: [] },
    ]);
  });

  it('counts two parts as one download', () => {
    const { percents } = read(
      '[loomvideo-format]{"format_id":"hls-raw-1500+hls-raw-audio-audio"}',
      '[download]  50.0% of ~  2.00MiB at  1.00MiB/s ETA 00:01 (frag 1/2)',
      '[download] 100% of    2.00MiB in 00:00:01 at 2.00MiB/s',
      '[download]  50.0% of    1.00MiB at  1.00MiB/s ETA 00:01',
      '[download] 100% of    1.00MiB in 00:00:01 at 1.00MiB/s',
    );
    assert.deepEqual(percents, [25, 50, 75, 100]);
  });

  it('notices the one line that says a file is too large', () => {
    const line = '[download] File is larger than max-filesize (62914560 bytes > 52428800 bytes). Aborting.';
    assert.equal(read(line).output.saidTooLarge, true);
    assert.equal(read(`Title: ${line}`).output.saidTooLarge, false);
  });
});

describe('ytDlpError', () => {
  const cases: readonly (readonly [string, Reason])[] = [
    [
      'ERROR: [loom] x: This video is password-protected, use the --video-password option',
      'PasswordProtected',
    ],
    ['ERROR: [loom] x: Invalid video password', 'PasswordProtected'],
    [
      'ERROR: [loom] x: Failed to download GraphQL JSON: HTTP Error 429: Too Many Requests (caused by …)',
      'RateLimited',
    ],
    [
      'ERROR: [loom] x: Failed to download GraphQL JSON: HTTP Error 502: Bad Gateway (caused by …)',
      'LoomUnavailable',
    ],
    ['ERROR: unable to download video data: HTTP Error 403: Forbidden', 'DownloadForbidden'],
    ['ERROR: unable to open for writing: [Errno 28] No space left on device', 'DiskFull'],
    ['ERROR: [loom] x: … [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed', 'ConfigurationInvalid'],
    ['ERROR: Unsupported URL: https://example.com/', 'InvalidURL'],
    ['ERROR: Did not get any data blocks', 'InvalidFile'],
    ['ERROR: [loom] x: Something new', 'DownloadFailed'],
    ['Traceback (most recent call last):', 'DownloadFailed'],
  ];
  for (const [stderr, reason] of cases)
    it(`${stderr.slice(0, 70)}: ${reason}`, () =>
      assert.equal(ytDlpError(stderr, 'exited with code 1', { kind: 'unknown' }).reason, reason));

  it('tells by what Loom answered why there is no stream', () => {
    const stderr =
      'ERROR: [loom] x: No video formats found!; please report this issue on https://github.com/…';
    const reasonFor = (kind: 'private' | 'missing' | 'found' | 'unknown'): Reason =>
      ytDlpError(stderr, '', { kind }).reason;
    assert.equal(reasonFor('private'), 'VideoPrivate');
    assert.equal(reasonFor('missing'), 'VideoNotFound');
    assert.equal(reasonFor('found'), 'DownloadFailed');
    assert.equal(reasonFor('unknown'), 'DownloadFailed');
  });

  it('sees in a warning that metadata were refused for the moment', () => {
    const warning = 'WARNING: [loom] x: Failed to download GraphQL JSON: HTTP Error 429: Too Many Requests';
    assert.equal(metadataError(warning)?.reason, 'RateLimited');
    assert.equal(metadataError('WARNING: [loom] x: Failed to parse JSON: Expecting value'), undefined);
  });
});

/** What is made of these lines of yt-dlp's output. */
function read(...lines: readonly string[]): {
  infos: VideoInfo[];
  percents: number[];
  output: YtDlpOutput;
} {
  const infos: VideoInfo[] = [];
  const percents: number[] = [];
  const output = new YtDlpOutput({
    onInfo: (info) => infos.push(info),
    onPercent: (percent) => percents.push(percent),
  });
  for (const line of lines) output.line(line);
  return { infos, percents, output };
}
