import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseText } from 'media-captions';
import { toSrt, toText } from '../../../controller/render/program/transcripts/formats.ts';
import { contentDisposition } from '../../../controller/render/program/transcripts/contentDisposition.ts';
import { chaptersOf } from '../../../controller/render/program/transcripts/chapters.ts';
import type { Segment } from '../../../jobrunner/artifacts.ts';
import { parseCaptions } from '../../../jobrunner/captions.ts';
import { toPassages } from '../../../jobrunner/passages.ts';
import { toVtt } from '../../../jobrunner/vtt.ts';
import { bounded, boundedAsync } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { anyText, mutated, soup } from '../texts/soup.ts';

const VTT = [
  ...[
    'WEBVTT\n\n',
    'WEBVTT',
    '\uFEFF',
    '\n',
    '\n\n',
    '\r',
    ' --> ',
    '00:00:01.000',
    '00:02.500',
    '99:59:59.999',
    '00:00:00.000',
  ],
  ...[
    '00:00:01.000 --> 00:00:02.000\n',
    '00:00:02.000 --> 00:00:01.000\n',
    '99999999999:00:00.000',
    ' align:start line:-1',
    'NOTE ',
  ],
  ...[
    'STYLE\n',
    'REGION\n',
    'X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n',
    '<v Ann>',
    '</v>',
    '<b>',
    '<',
    '>',
    '<00:00:01.500>',
  ],
  ...[
    '<c.a.b>',
    '&amp;',
    '&lt;',
    '&gt;',
    '&nbsp;',
    '&',
    '&#60;script&#62;',
    '\0',
    '1\n',
    'words ',
    '-->',
    '<script>',
    '{}',
    ':',
  ],
];
const GOOD =
  'WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Ann>Good &amp; bad</v>\n\n2\n00:00:01.500 --> 00:00:04.000 align:start\nmore\n';
const vtts = fc.oneof(
  { weight: 3, arbitrary: soup(VTT) },
  { weight: 3, arbitrary: soup(VTT).map((text) => `WEBVTT\n\n${text}`) },
  { weight: 3, arbitrary: mutated(fc.constant(GOOD)) },
  {
    weight: 1,
    arbitrary: soup(VTT, { pieces: 6, repeat: 60_000 }).map(
      (text) => `WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n${text}`,
    ),
  },
);
const durations = fc.oneof(fc.double({ min: 0, max: 86_400, noNaN: true }), fc.constantFrom(0, 1.5, 86_400));

function checkSegments(segments: readonly Segment[], durationSeconds: number): void {
  let previous = 0;
  for (const { start, end, text } of segments) {
    assert.ok(
      start >= previous && end > start && end <= durationSeconds,
      `${previous} ≤ ${start} < ${end} ≤ ${durationSeconds}`,
    );
    assert.ok(text.trim() !== '' && !/[\r\n]/.test(text));
    previous = end;
  }
}

/** As they are stored: in whole milliseconds, in order, not overlapping. */
const segmentLists = fc
  .array(
    fc.record({
      pause: fc.oneof(fc.constant(0), fc.nat(5000)),
      length: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 3_600_000 })),
      text: fc.oneof(soup([...VTT, 'Hello there.', '00:00:01,000 --> 00:00:02,000', '7']), anyText),
    }),
    { maxLength: 12 },
  )
  .map((all) => {
    let at = 0;
    return all
      .map(({ pause, length, text }) => {
        const start = at + pause;
        at = start + length;
        return { start: start / 1000, end: at / 1000, text: spoken(text) };
      })
      .filter(({ text }) => text !== '');
  });

/** What the stages store of a text: one line, as captions and Whisper's words are. NUL is nothing in a WebVTT file. */
function spoken(text: string): string {
  return text.replaceAll('\0', '').replace(/\s+/g, ' ').trim();
}

const SRT_TIME = /^\d{2,}:\d\d:\d\d,\d{3} --> \d{2,}:\d\d:\d\d,\d{3}$/;

export const captions: Target = {
  name: 'captions',
  properties: [
    property(
      'captions of any text give segments in order, apart, and within the video',
      fc.tuple(vtts, durations),
      async ([text, durationSeconds]) => {
        checkSegments(await boundedAsync(() => parseCaptions(text, durationSeconds)), durationSeconds);
      },
      {
        examples: [
          [`WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n${'<'.repeat(1_000_000)}`, 10],
          [`WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n${'<'.repeat(100_000)}\n\n`.repeat(2), 10],
          [`WEBVTT\n\n${'00:00:01.000 --> 00:00:02.000\nx\n\n'.repeat(20_000)}`, 10],
        ],
      },
    ),
    property(
      'what is written as WebVTT is read as it was, and brings no markup',
      segmentLists,
      async (segments) => {
        const vtt = bounded(() => toVtt(segments));
        const { cues } = await parseText(vtt, { type: 'vtt' });
        assert.equal(cues.length, segments.length);
        for (const { text } of cues) assert.ok(!/[<>]/.test(text), 'no tag can be in it');
        const end = segments.at(-1)?.end ?? 0;
        assert.deepEqual(await parseCaptions(vtt, end), segments);
      },
      {
        examples: [
          [{ start: 0, end: 0.001, text: 'size: 10' }],
          [{ start: 1.128, end: 1.129, text: 'It adds up.' }],
        ],
      },
    ),
    property(
      'SubRip has one block for each segment, whatever is said',
      segmentLists,
      (segments) => {
        const srt = bounded(() => toSrt(segments));
        const blocks = srt === '' ? [] : srt.replace(/\r\n$/, '').split('\r\n\r\n');
        assert.equal(blocks.length, segments.filter(({ text }) => /[^\s\p{Cc}]/u.test(text)).length);
        for (const [index, block] of blocks.entries()) {
          const [number, times = '', ...lines] = block.split(/\r\n|\r|\n/);
          assert.equal(number, String(index + 1));
          assert.match(times, SRT_TIME);
          assert.equal(lines.length, 1);
        }
      },
      {
        examples: [
          [
            { start: 0, end: 0.001, text: '\u0001' },
            { start: 1, end: 2, text: 'Hello.' },
          ],
        ],
      },
    ),
    property(
      'the text for people has one line for each segment',
      fc.tuple(segmentLists, anyText),
      ([segments, title]) => {
        const lines = toText({ title, url: 'https://www.loom.com/share/x', segments }).split(
          /\r\n|[\n\r\u2028\u2029\u0085\v\f]/,
        );
        assert.equal(lines.length, segments.length + 4);
        for (const line of lines.slice(3, -1)) assert.match(line, /^\[(\d+:)?\d+:\d\d\] /);
      },
    ),
    property(
      'a title names a file and nothing else',
      fc.oneof(
        anyText,
        soup([
          '..',
          '/',
          '\\',
          '"',
          ';',
          '\r\n',
          'CON',
          '.',
          '%',
          'é',
          '😀',
          '＂',
          '／',
          '＼',
          '．',
          '\u0300',
        ]),
      ),
      (title) => {
        const header = bounded(() => contentDisposition('attachment', { title, extension: 'srt' }));
        const [, ascii = '', encoded = ''] =
          /^attachment; filename="([^"\\\r\n]+)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]+)$/.exec(header) ?? [];
        for (const name of [ascii, decodeURIComponent(encoded)]) {
          assert.match(name, /^[^./\\:\p{Cc}][^/\\:\p{Cc}]*\.srt$/u);
          assert.ok(Buffer.byteLength(name) <= 255);
        }
      },
      { examples: ['\u0300', 'a＂; filename=＂b', '．．／a＼b'] },
    ),
    property(
      'passages keep all that is said, in order, in the chapter where they begin',
      fc.tuple(
        segmentLists,
        fc.array(fc.record({ start: fc.double({ min: 0, max: 100, noNaN: true }), title: anyText }), {
          maxLength: 5,
        }),
      ),
      ([segments, chapters]) => {
        const passages = bounded(() => toPassages(segments, chapters));
        let previous = 0;
        for (const [place, { index, start, end, text }] of passages.entries()) {
          assert.equal(index, place);
          assert.ok(start >= previous && end >= start && text.trim() !== '');
          previous = start;
        }
        const words = (texts: readonly { text: string }[]): string =>
          texts
            .map(({ text }) => text.toWellFormed())
            .join('')
            .replace(/[\s\p{Cc}]+/gu, '');
        const said = words(segments);
        for (const { text } of passages) assert.ok(said.includes(words([{ text }])));
        assert.ok(chaptersOf(passages).length <= passages.length);
      },
    ),
  ],
};
