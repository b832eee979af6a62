import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createLogger } from '../../common/log.ts';
import type { Reason } from '../../jobrunner/contract/reasons.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { validateVideo, type ValidVideo } from '../../jobrunner/stages/validate.ts';
import { recording, remuxed, stillPicture } from '../support/media/recordings.ts';
import { findTools, type Tools } from '../support/media/tools.ts';

const LIMITS = { maxBytes: 50 * 1024 ** 2, maxSeconds: 300, maxHeight: 480 };

/** Makes the file to be judged out of good recordings, in a folder that is removed. */
type Make = (tools: Tools, path: string) => Promise<unknown>;

const GOOD: Readonly<Record<string, { make: Make; expect: Partial<ValidVideo> }>> = {
  'an mp4': { make: copyOf({}), expect: { durationSeconds: 10, width: 640, height: 360 } },
  'an mp4 with its index in front': { make: copyOf({ faststart: true }), expect: { durationSeconds: 10 } },
  'a webm': { make: copyOf({ extension: 'webm', width: 320, height: 180 }), expect: { height: 180 } },
  'a webm without a duration, as browsers record it': {
    make: remux(['-live', '1', '-f', 'webm'], { extension: 'webm', width: 320, height: 180 }),
    expect: { height: 180 },
  },
  'an MPEG transport stream': { make: remux(['-f', 'mpegts']), expect: { height: 360 } },
  'a fragmented mp4': {
    make: remux(['-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4']),
    expect: { height: 360 },
  },
  'silence on an audio track': { make: copyOf({ sound: 'silence' }), expect: { durationSeconds: 10 } },
  'sound without a picture': { make: remux(['-vn', '-f', 'mp4']), expect: {} },
  'tags that imitate what ffmpeg says of a file': {
    make: remux([
      '-metadata',
      'title=x\n  Duration: 99:00:00.00, start: 0\n  Stream #0:7: Video: h264, 1x1',
      '-f',
      'mp4',
    ]),
    expect: { height: 360 },
  },
};

const BAD: Readonly<Record<string, { make: Make; reason: Reason; message: RegExp; maxSeconds?: number }>> = {
  'an empty file': { make: content(''), reason: 'InvalidFile', message: /empty/ },
  'a web page': {
    make: content('<!DOCTYPE html><title>Log in</title>'),
    reason: 'InvalidFile',
    message: /web page/,
  },
  'a web page after blanks and a byte order mark': {
    make: content('\uFEFF\r\n  <HTML>'),
    reason: 'InvalidFile',
    message: /web page/,
  },
  'a few bytes': { make: content('mp4'), reason: 'InvalidFile', message: /first bytes/ },
  garbage: { make: content('garbage '.repeat(50_000)), reason: 'InvalidFile', message: /first bytes/ },
  'a playlist that names other files': {
    make: content('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
    reason: 'InvalidFile',
    message: /first bytes/,
  },
  'garbage behind an mp4 signature': {
    make: content(`\0\0\0\x18ftypmp42\0\0\0\0mp42isom${'garbage!'.repeat(5000)}`),
    reason: 'InvalidFile',
    message: /cut off|header/,
  },
  'an mp4 that lacks its last part': { make: firstShare(0.7, {}), reason: 'InvalidFile', message: /cut off/ },
  'an mp4 that lacks its last bytes': {
    make: firstShare(0.99, {}),
    reason: 'InvalidFile',
    message: /cut off/,
  },
  'an mp4 with its index in front that lacks its second half': {
    make: firstShare(0.5, { faststart: true }),
    reason: 'InvalidFile',
    message: /cut off/,
  },
  'a webm that lacks its second half': {
    make: firstShare(0.5, { extension: 'webm', width: 320, height: 180 }),
    reason: 'InvalidFile',
    message: /cut off/,
  },
  'an mp4 whose media were overwritten': {
    make: patched('mdat', 4, Buffer.alloc(900_000)),
    reason: 'InvalidFile',
    message: /cannot be decoded|cut off/,
  },
  'a header that claims more hours than its bytes can hold': {
    make: claimedDuration(1e12),
    reason: 'InvalidFile',
    message: /cannot be/,
  },
  'a header that claims a picture of no recording': {
    make: (tools, path) => stillPicture(tools.ffmpeg, 16_000, 4000).then((made) => copyFile(made, path)),
    reason: 'InvalidFile',
    message: /16000×4000|header/,
  },
  'a picture without an audio track': {
    make: copyOf({ sound: 'none' }),
    reason: 'NoAudioTrack',
    message: /no audio/,
  },
  'more seconds than allowed': { make: copyOf({}), maxSeconds: 5, reason: 'VideoTooLong', message: /10 s/ },
  'more seconds than allowed, which no header says': {
    make: remux(['-live', '1', '-f', 'webm'], { extension: 'webm', width: 320, height: 180 }),
    maxSeconds: 5,
    reason: 'VideoTooLong',
    message: /more than 5 s/,
  },
};

describe('validate', () => {
  let tools: Tools;
  let folder: string;
  before(async () => {
    tools = await findTools();
    folder = await mkdtemp(join(tmpdir(), 'validate-test-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [name, { make, expect }] of Object.entries(GOOD)) {
    it(`takes ${name}`, async () => {
      const { path, valid, log } = await judge(make);
      if (valid instanceof StageError) throw valid;
      assert.equal(valid.sizeBytes, (await stat(path)).size);
      assert.ok(Math.abs(valid.durationSeconds - 10) < 0.2, `${valid.durationSeconds} s`);
      for (const [field, value] of Object.entries(expect))
        assert.equal(valid[field as keyof ValidVideo], value);
      assert.deepEqual(log, ['✅ Valid video file signature detected: video.mp4']);
    });
  }

  for (const [name, { make, reason, message, maxSeconds }] of Object.entries(BAD)) {
    it(`refuses ${name}: ${reason}`, async () => {
      const started = performance.now();
      const { valid, log } = await judge(make, maxSeconds);
      assert.ok(valid instanceof StageError, JSON.stringify(valid));
      assert.equal(valid.reason, reason, valid.message);
      assert.match(valid.message, message);
      assert.equal(log.at(-1), '❌ Downloaded file failed validation');
      assert.ok(performance.now() - started < 20_000);
    });
  }

  it('says when there is no ffmpeg: ConfigurationInvalid', async () => {
    const { valid } = await judge(copyOf({}), 300, '/nowhere/ffmpeg');
    assert.ok(valid instanceof StageError);
    assert.equal(valid.reason, 'ConfigurationInvalid');
    assert.match(valid.message, /npm run setup/);
  });

  async function judge(make: Make, maxSeconds = LIMITS.maxSeconds, ffmpeg = tools.ffmpeg) {
    const path = join(folder, 'video.mp4');
    await make(tools, path);
    const log: string[] = [];
    const valid = await validateVideo(path, {
      ffmpeg: { path: ffmpeg, env: { PATH: process.env['PATH'] }, threads: 2 },
      limits: { ...LIMITS, maxSeconds },
      log: createLogger({ level: 'info', format: 'plain', write: (line) => log.push(line.trimEnd()) }),
      signal: new AbortController().signal,
    }).catch((error: unknown) => {
      if (error instanceof StageError) return error;
      throw error;
    });
    return { path, valid, log };
  }
});

type RecordingOptions = NonNullable<Parameters<typeof recording>[1]>;

function copyOf(options: RecordingOptions): Make {
  return async ({ ffmpeg }, path) => copyFile(await recording(ffmpeg, options), path);
}

function content(text: string): Make {
  return (_, path) => writeFile(path, text);
}

function remux(args: readonly string[], options: RecordingOptions = {}): Make {
  return async ({ ffmpeg }, path) =>
    copyFile(await remuxed(ffmpeg, await recording(ffmpeg, options), args), path);
}

function firstShare(share: number, options: RecordingOptions): Make {
  return async ({ ffmpeg }, path) => {
    const bytes = await readFile(await recording(ffmpeg, options));
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * share)));
  };
}

/** Overwrites bytes of an mp4 behind the first box of this type. */
function patched(box: string, offset: number, replacement: Buffer): Make {
  return async ({ ffmpeg }, path) => {
    const bytes = Buffer.from(await readFile(await recording(ffmpeg)));
    replacement.copy(bytes, bytes.indexOf(box) + offset);
    await writeFile(path, bytes);
  };
}

/** Writes a duration, in milliseconds, into the header of a WebM: RFC 9559, element 0x4489, a float of eight bytes. */
function claimedDuration(milliseconds: number): Make {
  return async ({ ffmpeg }, path) => {
    const options = { extension: 'webm', width: 320, height: 180 } as const;
    const bytes = Buffer.from(await readFile(await recording(ffmpeg, options)));
    bytes.writeDoubleBE(milliseconds, bytes.indexOf(Buffer.from('448988', 'hex')) + 3);
    await writeFile(path, bytes);
  };
}
