import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findWords } from '../../controller/render/page/client/parts/find.js';
import { linksIn, shortLink, webAddress } from '../../controller/render/page/client/parts/links.js';
import { ago, clock, exact, took } from '../../controller/render/page/client/parts/time.js';
import { counted, languageName, reasonWords } from '../../controller/render/page/client/parts/words.js';
import { REASONS } from '../../jobrunner/contract/reasons.ts';

const ID = '0123456789abcdef0123456789abcdef';
const LINK = `https://www.loom.com/share/${ID}`;

describe('times', () => {
  it('a moment is shown as players show it', () => {
    const cases: [number, string][] = [
      [0, '0:00'],
      [9.99, '0:09'],
      [63, '1:03'],
      [599, '9:59'],
      [3600, '1:00:00'],
      [3723.5, '1:02:03'],
      [-4, '0:00'],
    ];
    for (const [seconds, shown] of cases) assert.equal(clock(seconds), shown);
  });
  it('what took a while is rounded to what matters', () => {
    const cases: [number, string][] = [
      [0, '0.0 s'],
      [0.44, '0.4 s'],
      [9.97, '10 s'],
      [59.4, '59 s'],
      [59.6, '1 min'],
      [63, '1 min 3 s'],
      [7500, '2 h 5 min'],
      [7200, '2 h'],
    ];
    for (const [seconds, shown] of cases) assert.equal(took(seconds), shown);
  });
  it('how long ago', () => {
    const now = Date.parse('2026-03-10T12:00:00Z');
    const cases: [string, string][] = [
      ['2026-03-10T12:00:05Z', 'just now'],
      ['2026-03-10T11:59:20Z', 'just now'],
      ['2026-03-10T11:59:10Z', '1 min ago'],
      ['2026-03-10T11:00:01Z', '59 min ago'],
      ['2026-03-10T09:00:00Z', '3 h ago'],
      ['2026-03-09T11:00:00Z', 'yesterday'],
      ['2026-03-05T12:00:00Z', '5 days ago'],
      ['2025-12-24T12:00:00Z', 'Dec 24, 2025'],
      ['nonsense', ''],
    ];
    for (const [instant, shown] of cases) assert.equal(ago(instant, now), shown);
    assert.match(exact('2026-03-10T12:00:05Z'), /March 10, 2026/);
    assert.equal(exact('nonsense'), 'nonsense');
  });
});

describe('pasted links', () => {
  const cases: [string, string, string[]][] = [
    ['one', LINK, [LINK]],
    ['many, with spaces and empty lines', `\n  ${LINK}  \r\n\n${LINK}?sid=1\n`, [LINK, `${LINK}?sid=1`]],
    ['one twice', `${LINK}\n${LINK}`, [LINK]],
    ['with a title before it', `Demo of Monday: ${LINK}.`, [LINK]],
    ['Markdown', `- [Demo](${LINK})`, [LINK]],
    ['HTML', `<a href="${LINK}">Demo</a>`, [LINK]],
    ['a table', `${LINK},${LINK}?a;${LINK}?b`, [LINK, `${LINK}?a`, `${LINK}?b`]],
    [
      'as browsers show it',
      `loom.com/share/${ID} www.loom.com/share/${ID}`,
      [`https://loom.com/share/${ID}`, LINK],
    ],
    ['no link', 'not a link', ['not a link']],
    ['nothing', ' \n\t', []],
  ];
  for (const [name, text, links] of cases) it(name, () => assert.deepEqual(linksIn(text), links));

  it('only web addresses may stand in a link', () => {
    assert.equal(webAddress(LINK), LINK);
    for (const url of [
      'javascript:alert(1)',
      ' JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc',
      '//x',
      '',
      undefined,
    ])
      assert.equal(webAddress(url), undefined);
  });
  it('a link is the name of what has none yet', () => {
    assert.equal(shortLink(LINK), 'loom.com/share/01234567…');
    assert.equal(shortLink('nonsense'), 'nonsense');
  });
});

describe('finding in a transcript', () => {
  const segments = ['An Invoice, please.', 'Invoice', 'invoices and 1+1 (two)'].map((text) => ({ text }));
  const found = (words: string): string[][] =>
    findWords(segments, words).map((parts) =>
      parts.map(({ segment, from, to }) => `${segment}:${segments[segment]?.text.slice(from, to)}`),
    );

  it('tells no case apart, and knows each place', () => {
    assert.deepEqual(found('invoice'), [['0:Invoice'], ['1:Invoice'], ['2:invoice']]);
  });
  it('goes over the end of a segment', () => {
    assert.deepEqual(found('please.  invoice invoices'), [['0:please.', '1:Invoice', '2:invoices']]);
  });
  it('takes everything for text', () => {
    assert.deepEqual(found('1+1 (two)'), [['2:1+1 (two)']]);
    assert.deepEqual(found('.*'), []);
    assert.deepEqual(found('[a-z'), []);
    assert.deepEqual(found(String.raw`^$|{}\/-`), []);
  });
  it('nothing is found for no words, nor in no transcript', () => {
    assert.deepEqual(found('  '), []);
    assert.deepEqual(findWords([], 'x'), []);
  });
});

describe('plain words', () => {
  it('each reason reads as a sentence', () => {
    for (const reason of [...Object.keys(REASONS), 'NoSpeech', 'SomethingNewFromLater'])
      assert.match(reasonWords(reason), /^[A-Z][a-z']*( [A-Za-z']+)*$/, reason);
    assert.equal(reasonWords('EmbeddingQuotaExceeded'), 'Embedding quota exceeded');
  });
  it('languages and counts', () => {
    assert.equal(languageName('en'), 'English');
    assert.equal(languageName('<script>'), '<script>');
    assert.equal(counted(1, 'video'), '1 video');
    assert.equal(counted(1200, 'video'), '1,200 videos');
  });
});
