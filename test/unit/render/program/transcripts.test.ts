import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentDisposition } from '../../../../controller/render/program/transcripts/contentDisposition.ts';
import { toSrt, toText } from '../../../../controller/render/program/transcripts/formats.ts';
import { HEX, programWorld } from './programWorld.ts';

const LINK = `https://www.loom.com/share/${HEX}`;
const PATH = '/api/videos/default/one/transcript';

describe('a transcript', () => {
  it('is there with a link to each moment', async (t) => {
    const { call, declare, store } = await programWorld(t);
    declare('one', { phase: 'Ready' });
    await store('one', ['Hello there.', 'Bye <b>now</b>.']);
    const { code, body } = await call('GET', `${PATH}.json`);
    assert.equal(code, 200);
    assert.deepEqual(body, {
      namespace: 'default',
      name: 'one',
      title: 'About one',
      url: LINK,
      language: 'en',
      model: 'tiny',
      durationSeconds: 20,
      chapters: [],
      segments: [
        { start: 0, end: 9.5, text: 'Hello there.', url: `${LINK}?t=0` },
        { start: 10, end: 19.5, text: 'Bye <b>now</b>.', url: `${LINK}?t=10` },
      ],
    });
  });

  const files: [extension: string, type: string, text: RegExp][] = [
    ['vtt', 'text/vtt; charset=utf-8', /^WEBVTT\n\n1\n00:00:00\.000 --> 00:00:09\.500\nHello &lt;b>?/],
    [
      'srt',
      'application/x-subrip; charset=utf-8',
      /^1\r\n00:00:00,000 --> 00:00:09,500\r\nHello <b> --> x\r\n/,
    ],
    ['txt', 'text/plain; charset=utf-8', /^About one\nhttps:.*\n\n\[0:00\] Hello <b> --> x\n$/],
  ];
  for (const [extension, type, text] of files)
    it(`is a file: ${extension}`, async (t) => {
      const { call, declare, store } = await programWorld(t);
      declare('one', { phase: 'Ready' });
      await store('one', ['Hello\n\n<b> --> x']);
      const saved = await call('GET', `${PATH}.${extension}`);
      assert.equal(saved.code, 200);
      assert.equal(saved.headers['content-type'], type);
      assert.equal(saved.headers['x-content-type-options'], 'nosniff');
      assert.match(saved.text, text);
      assert.equal(
        saved.headers['content-disposition'],
        `attachment; filename="About one.${extension}"; filename*=UTF-8''About%20one.${extension}`,
      );
      const shown = await call('GET', `${PATH}.${extension}?inline`);
      assert.match(String(shown.headers['content-disposition']), /^inline; /);
    });

  it('is missing as long as there is none', async (t) => {
    const { call, declare } = await programWorld(t);
    declare('one', { phase: 'Running' });
    for (const path of [`${PATH}.json`, `${PATH}.vtt`, '/api/videos/No/no/transcript.txt']) {
      const { code, body } = await call('GET', path);
      assert.equal(code, 404);
      assert.equal(body.reason, 'TranscriptMissing');
    }
  });

  it('of another video that had the name before is not shown', async (t) => {
    const { call, declare, store } = await programWorld(t);
    await store('one', ['Of the one before.']);
    assert.equal((await call('GET', `${PATH}.json`)).code, 200, 'retained: its LoomVideo is gone');
    declare('one');
    assert.equal((await call('GET', `${PATH}.json`)).code, 404);
  });

  it('leads nowhere but to the web', async (t) => {
    const { call, store } = await programWorld(t);
    await store('one', ['Hello.'], { url: 'javascript:alert(1)' });
    const { body } = await call('GET', `${PATH}.json`);
    assert.equal(body.url, undefined);
    assert.deepEqual(body.segments, [{ start: 0, end: 9.5, text: 'Hello.' }]);
  });
});

describe('the name of a file', () => {
  const cases: [title: string, ascii: string, extended: string][] = [
    ['Plain title', 'Plain title.txt', 'Plain%20title.txt'],
    ['../../etc/passwd', 'etc passwd.txt', 'etc%20passwd.txt'],
    ['C:\\x|y?*<z>"', 'C x y z.txt', 'C%20x%20y%20z.txt'],
    ['a"; filename=evil.exe', 'a ; filename=evil.exe.txt', 'a%20%3B%20filename%3Devil.exe.txt'],
    ['line\r\nSet-Cookie: x=1', 'line Set-Cookie x=1.txt', 'line%20Set-Cookie%20x%3D1.txt'],
    ['Über naïve Ärzte', 'Uber naive Arzte.txt', '%C3%9Cber%20na%C3%AFve%20%C3%84rzte.txt'],
    ['日本語', '___.txt', '%E6%97%A5%E6%9C%AC%E8%AA%9E.txt'],
    ['.hidden.', 'hidden.txt', 'hidden.txt'],
    ['...', 'transcript.txt', 'transcript.txt'],
    ['', 'transcript.txt', 'transcript.txt'],
    ['\u202Etxt.exe', 'txt.exe.txt', 'txt.exe.txt'],
    ['CON', '_CON.txt', '_CON.txt'],
    ['lpt1.doc', '_lpt1.doc.txt', '_lpt1.doc.txt'],
    ["it's 100% (done)*", "it's 100_ (done).txt", 'it%27s%20100%25%20%28done%29.txt'],
    ['x'.repeat(300), `${'x'.repeat(60)}.txt`, `${'x'.repeat(60)}.txt`],
    [`${'x'.repeat(59)}😀`, `${'x'.repeat(59)}.txt`, `${'x'.repeat(59)}.txt`],
  ];
  for (const [title, ascii, extended] of cases)
    it(`of ${JSON.stringify(title.slice(0, 30))}`, () => {
      assert.equal(
        contentDisposition('attachment', { title, extension: 'txt' }),
        `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`,
      );
    });

  it('is short enough for any file system', () => {
    const header = contentDisposition('attachment', { title: '語'.repeat(300), extension: 'vtt' });
    const name = decodeURIComponent(header.split("UTF-8''")[1] ?? '');
    assert.ok(Buffer.byteLength(name) <= 255, name);
  });
});

describe('times in files', () => {
  it('SubRip, beyond an hour and to the millisecond', () => {
    assert.equal(
      toSrt([{ start: 3599.9996, end: 3723.0405, text: 'x' }]),
      '1\r\n01:00:00,000 --> 01:02:03,041\r\nx\r\n',
    );
  });

  it('text', () => {
    const segments = [
      { start: 59.9, end: 60, text: 'a' },
      { start: 3661, end: 3662, text: 'b' },
    ];
    assert.equal(toText({ title: 'T\nT', url: 'u', segments }), 'T T\nu\n\n[0:59] a\n[1:01:01] b\n');
  });
});
