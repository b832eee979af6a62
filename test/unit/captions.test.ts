import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCaptions } from '../../jobrunner/captions.ts';
import { toVtt } from '../../jobrunner/vtt.ts';

const cue = (times: string, text: string): string => `${times}\n${text}\n\n`;

describe('parseCaptions', () => {
  for (const [what, vtt, expected] of [
    ['nothing', '', []],
    ['a sign-in page', '<!doctype html><title>Log in</title>', []],
    ['a header alone', 'WEBVTT', []],
    ['random bytes after the header', `WEBVTT\n\n${'\u0000\uFFFD'.repeat(5000)}`, []],
    [
      'cues with settings, voices, markup and entities',
      `\uFEFFWEBVTT - x\n\nNOTE hi\n\n1\n${cue('00:00:01.000 --> 00:00:04.000 align:start', '<v Anna>Tom &amp; <b>Jerry</b></v>\nlive')}`,
      [{ start: 1, end: 4, text: 'Tom & Jerry live' }],
    ],
    [
      'cues out of order and overlapping',
      `WEBVTT\n\n${cue('00:05.000 --> 00:09.000', 'second')}${cue('00:01.000 --> 00:06.000', 'first')}`,
      [
        { start: 1, end: 6, text: 'first' },
        { start: 6, end: 9, text: 'second' },
      ],
    ],
    [
      'cues without words, without length, and beyond the end',
      `WEBVTT\n\n${cue('00:01.000 --> 00:02.000', '<i></i>')}${cue('00:03.000 --> 00:03.000', 'x')}${cue('00:08.000 --> 00:20.000', 'cut')}${cue('00:30.000 --> 00:31.000', 'after')}`,
      [{ start: 8, end: 10, text: 'cut' }],
    ],
    ['times that are none', `WEBVTT\n\n${cue('00:xx --> 00:11.000', 'bad')}`, []],
  ] as const)
    it(what, async () => assert.deepEqual(await parseCaptions(vtt, 10), expected));
});

describe('toVtt', () => {
  it('writes cues that nothing in their text can break', () => {
    assert.equal(
      toVtt([{ start: 3599.9996, end: 3601.5, text: 'a --> b\n\n<script>&' }]),
      'WEBVTT\n\n1\n01:00:00.000 --> 01:00:01.500\na --&gt; b &lt;script&gt;&amp;\n',
    );
  });
  it('is read back by parseCaptions', async () => {
    const segments = [
      { start: 0.5, end: 2.25, text: 'Fish & <chips>' },
      { start: 2.25, end: 9, text: 'again' },
    ];
    assert.deepEqual(await parseCaptions(toVtt(segments), 10), segments);
  });
});
