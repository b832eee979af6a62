import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { Highlighter } from '../../../controller/render/program/search/highlights.ts';
import { saveRecord, searchPassages } from '../../../jobrunner/adapters/sqlite/records.ts';
import { TABLES } from '../../../jobrunner/adapters/sqlite/schema.ts';
import { queryWords } from '../../../jobrunner/search/queryWords.ts';
import { timestampLink } from '../../../jobrunner/search/timestampLink.ts';
import { wordsIn } from '../../../jobrunner/search/words.ts';
import { bounded } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { anyText, soup } from '../texts/soup.ts';

const QUERY = [
  '"',
  "'",
  '*',
  '^',
  '(',
  ')',
  ' AND ',
  ' OR ',
  ' NOT ',
  'NEAR(',
  ', 3)',
  'text:',
  '{text title}:',
  '-',
  '+',
  ':',
  '\0',
  ' ',
  ';',
  '--',
  'invite',
  'Inviting',
  'naïve',
  'nai\u0308ve',
  '東京',
  '😀',
  'ß',
  'İ',
  'ﬁ',
  'the',
  'how',
  '１２',
  '\u{F0A51}',
  '\u{10FFFD}',
  '\u{F0A51}\u{F1B62}\u{F2C73}',
  '\u{F3D84}\u{F4E95}\u{F5FA6}',
  '\uD800',
  '\uDC00',
  'ᾳ',
  'e\u0301',
  '\u0345',
  '٣',
  '𝐀',
  'ª',
  'ʰ',
];
const queries = fc.oneof(
  { weight: 5, arbitrary: soup(QUERY) },
  { weight: 1, arbitrary: soup(QUERY, { pieces: 5, repeat: 20_000 }) },
  { weight: 2, arbitrary: anyText },
);
const texts = fc.array(fc.oneof(soup([...QUERY, 'Invite a colleague. ']), anyText), { maxLength: 4 });

const highlighter = new Highlighter();
const db = new DatabaseSync(':memory:');
db.exec(`PRAGMA foreign_keys = ON; ${TABLES}`);

function store(all: readonly string[], title: string): void {
  saveRecord(db, {
    owner: { key: 'a.default.b', uid: 'u' },
    ...{
      url: 'https://www.loom.com/share/x',
      title,
      durationSeconds: 1,
      language: 'en',
      transcriptionModel: 't',
      embeddingModel: 'e',
    },
    segments: [],
    passages: all.map((text, index) => ({ index, start: index, end: index + 1, text })),
  });
}

export const search: Target = {
  name: 'search',
  properties: [
    property(
      'words hold no syntax, are short and few, and are found again in themselves',
      queries,
      (query) => {
        const words = bounded(() => queryWords(query));
        assert.ok(words.length <= 64 && new Set(words).size === words.length);
        for (const word of words) {
          assert.ok(word.length > 0 && word.length <= 64 && word.isWellFormed());
          assert.match(word, /^[\p{L}\p{N}\p{Co}\p{M}]+$/u);
          assert.equal(word, word.toLowerCase());
          assert.deepEqual(wordsIn(word), [word]);
        }
      },
    ),
    property(
      'any text is a query, and the score and the coverage are numbers',
      fc.tuple(queries, texts, anyText),
      ([query, all, title]) => {
        store(all, title);
        const hits = bounded(() => searchPassages(db, query, 10));
        assert.ok(hits.length <= 10);
        for (const { coverage, score, passage } of hits) {
          assert.ok(coverage > 0 && coverage <= 1, String(coverage));
          assert.ok(Number.isFinite(score));
          assert.ok(passage.text !== '' || title !== '');
        }
      },
    ),
    property(
      'a passage is found by its own words',
      fc.tuple(soup([...QUERY, ' zebra ', ' okapi '])),
      ([text]) => {
        store([`${text.slice(0, 2000)} okapi`], '');
        assert.equal(searchPassages(db, 'okapi', 10).length, 1);
      },
    ),
    property(
      'what is marked lies within its text, between whole characters, in order',
      fc.tuple(queries, texts),
      ([query, all]) => {
        const found = bounded(() => highlighter.of(query, all));
        assert.equal(found.length, all.length);
        for (const [index, places] of found.entries()) {
          const text = all[index] ?? '';
          let previous = 0;
          for (const [from, to] of places) {
            assert.ok(
              from >= previous && to > from && to <= text.length,
              `${previous} ≤ ${from} < ${to} ≤ ${text.length}`,
            );
            assert.ok(isBoundary(text, from) && isBoundary(text, to), 'not through a character');
            assert.match(text.slice(from, to), /[\p{L}\p{N}\p{Co}]/u, 'a word is marked');
            previous = to;
          }
        }
      },
      {
        examples: [
          ['invite', ['\u{F0A51}\u{F1B62}\u{F2C73}😀\u{F3D84}\u{F4E95}\u{F5FA6} invite']],
          ['invite', ['\u{F0A51}\u{F1B62}\u{F2C73} invite 😀 invite']],
          ['invite', ['\0𐀀𐀀𐀀\0invite', '\uD800 invite', '😀'.repeat(10_000)]],
        ],
      },
    ),
    property(
      'a link to a moment goes where the link goes',
      fc.tuple(
        fc.oneof(
          fc.webUrl({ withQueryParameters: true, withFragments: true }),
          soup([
            'https://www.loom.com/share/x',
            '?',
            '&',
            't=1',
            't',
            '#',
            'sid=a%20b',
            '%',
            '=',
            'http://a.b/',
          ]),
          anyText,
        ),
        fc.oneof(fc.nat(100_000), fc.double({ min: 0, max: 1e5, noNaN: true })),
      ),
      ([url, seconds]) => {
        const link = bounded(() => timestampLink(url, seconds));
        const [before, after] = [URL.parse(url), URL.parse(link)];
        if (!before) return assert.equal(link, url);
        assert.equal(after?.origin, before.origin);
        assert.equal(after.pathname, before.pathname);
        assert.equal(timestampLink(link, seconds), link);
      },
      { examples: [['https://www.loom.com/share/x??', 0]] },
    ),
  ],
};

function isBoundary(text: string, at: number): boolean {
  return !(/[\uD800-\uDBFF]/.test(text[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[at] ?? ''));
}
