import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { boxesAreWhole } from '../../../jobrunner/media/boxes.ts';
import { HeaderParser } from '../../../jobrunner/media/header.ts';
import { readSignature } from '../../../jobrunner/media/signature.ts';
import { bounded, boundedAsync } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { soup } from '../texts/soup.ts';

const recordings = ['recording.mp4', 'silence.mp4'].map((name) =>
  readFileSync(join(import.meta.dirname, '../../sample', name)),
);

/** A real recording, cut and with some bytes changed. */
const mutatedRecordings = fc
  .tuple(
    fc.constantFrom(...recordings),
    fc.oneof(fc.nat(64), fc.nat(5000), fc.nat(10_000_000)),
    fc.array(
      fc.tuple(fc.oneof(fc.nat(64), fc.nat(10_000_000)), fc.uint8Array({ minLength: 1, maxLength: 8 })),
      { maxLength: 5 },
    ),
  )
  .map(([recording, length, changes]) => {
    const bytes = Buffer.from(recording.subarray(0, length));
    for (const [at, put] of changes) if (at < bytes.length) bytes.set(put.subarray(0, bytes.length - at), at);
    return bytes;
  });

const BOX = ['ftyp', 'moov', 'mdat', 'free', 'wide', 'OggS', 'RIFF', 'AVI ', '\x1aE\xdf\xa3', 'G'];
const PAGE = [
  '\xef\xbb\xbf',
  ' ',
  '\n',
  '<',
  '<!doctype html>',
  '<html',
  '<!--',
  '<?xml',
  '\0',
  '\x85',
  '\xa0',
];
const SIZES = ['\0\0\0\0', '\0\0\0\x01', '\0\0\0\x08', '\0\0\0\x10', '\xff\xff\xff\xff', '\x80\0\0\0'];
const files = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all)),
  soup([...BOX, ...PAGE, ...SIZES], { repeat: 1200 }).map((text) => Buffer.from(text, 'latin1')),
  mutatedRecordings,
);

async function inFile<T>(bytes: Buffer, work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    const path = join(folder, 'video');
    writeFileSync(path, bytes);
    return await work(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The top-level boxes as a reader that holds all of the file finds them. */
function endsWithABox(bytes: Buffer): boolean {
  let at = 0n;
  for (let count = 0; BigInt(bytes.length) - at >= 8n; count++) {
    const place = Number(at);
    const short = BigInt(bytes.readUInt32BE(place));
    const rest = BigInt(bytes.length) - at;
    const length =
      short === 0n ? rest : short === 1n && rest >= 16n ? bytes.readBigUInt64BE(place + 8) : short;
    if (length < 8n || count > 20_000) return false;
    at += length;
  }
  return at <= BigInt(bytes.length);
}

const HEADER = [
  ...[
    '  Duration: ',
    '00:00:10.50,',
    'N/A,',
    '-00:00:01.00,',
    '99999999999999999999:00:00,',
    ' start: 0',
    '  Stream #0:',
  ],
  ...[
    '0',
    '[0x1]',
    '(und)',
    ': Video: ',
    ': Audio: ',
    'h264, yuv420p',
    ', 640x480',
    ', 0x0',
    ', 999999x999999',
    '(attached pic)',
  ],
  ...[' ', '    ', '[', '(', '0:00:', ', '],
];
const headerLines = fc.array(soup(HEADER, { pieces: 12, repeat: 20_000 }), { maxLength: 5 });

export const media: Target = {
  name: 'media',
  properties: [
    property(
      'a signature is one of those we know, of the bytes that it needs',
      files,
      async (bytes) => {
        const signature = await inFile(bytes, (path) => boundedAsync(() => readSignature(path)));
        if (bytes.length === 0) assert.equal(signature.kind, 'empty');
        else if (signature.kind === 'video') {
          assert.ok(bytes.length >= 12);
          assert.ok(['mov', 'matroska', 'mpegts', 'ogg', 'avi'].includes(signature.demuxer));
        } else assert.ok(['webpage', 'unknown'].includes(signature.kind));
      },
      { examples: [Buffer.from('\uFEFF'.repeat(341)), Buffer.from(`${'\uFEFF '.repeat(30)}<p>`)] },
    ),
    property('boxes are whole where they fill the file, and nowhere else', files, async (bytes) => {
      const whole = await inFile(bytes, (path) => boundedAsync(() => boxesAreWhole(path)));
      assert.equal(whole, endsWithABox(bytes));
    }),
    property('the header that ffmpeg shows is read, or is none', headerLines, (lines) => {
      const parser = new HeaderParser();
      bounded(() => lines.forEach((line) => parser.line(line)));
      const { header } = parser;
      const described = lines.some((line) => line.startsWith('  Duration: '));
      if (!header) return;
      assert.ok(described, 'nothing but ffmpeg describes a recording');
      if (header.durationSeconds !== undefined) assert.ok(header.durationSeconds >= 0);
      for (const size of Object.values(header.video ?? {})) assert.ok(Number.isInteger(size) && size >= 0);
    }),
  ],
};
