import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Segment } from '../../jobrunner/artifacts.ts';
import { toPassages } from '../../jobrunner/passages.ts';
import { recording } from '../sample/index.ts';

/** Segments of `seconds` each, one after another. */
const talk = (seconds: number, texts: readonly string[]): Segment[] =>
  texts.map((text, index) => ({ start: index * seconds, end: (index + 1) * seconds, text }));

const times = (count: number, text = 'This is one sentence.'): string[] =>
  Array.from({ length: count }, () => text);

describe('toPassages', () => {
  it('has none for no segments and for segments without words', () => {
    assert.deepEqual(toPassages([], []), []);
    assert.deepEqual(toPassages(talk(5, ['', '  ', '\n']), []), []);
  });

  it('cuts a talk of 270 s into about nine passages that cover it in order, whole sentences each', () => {
    const segments = talk(5, times(54));
    const passages = toPassages(segments, []);
    assert.ok(passages.length >= 8 && passages.length <= 10, `${passages.length} passages`);
    assert.deepEqual(
      passages.map(({ index }) => index),
      passages.map((_, position) => position),
    );
    assert.equal(passages.map(({ text }) => text).join(' '), segments.map(({ text }) => text).join(' '));
    for (const { start, end, text } of passages) {
      assert.ok(end - start <= 45);
      assert.match(text, /\.$/);
    }
  });

  it('does not cut a sentence that several segments share', () => {
    const texts = times(36).map((_, index) => (index % 3 === 2 ? 'and it ends.' : 'it goes on'));
    for (const { text } of toPassages(talk(4, texts), [])) assert.match(text, /ends\.$/);
  });

  it('cuts speech without any full stop all the same', () => {
    const passages = toPassages(talk(5, times(40, 'on and on')), []);
    for (const { start, end } of passages) assert.ok(end - start <= 45);
  });

  it('divides a segment that is longer than a passage, its times by its letters', () => {
    const passages = toPassages([{ start: 0, end: 200, text: times(100).join(' ') }], []);
    assert.ok(passages.length >= 4);
    for (const { start, end, text } of passages) assert.ok(end - start <= 45.5 && text.length <= 1000);
    assert.equal(passages.at(-1)?.end, 200);
  });

  it('divides what has no words to divide at, without breaking a character', () => {
    for (const text of [
      'x'.repeat(100_000),
      '😀'.repeat(50_000),
      '.'.repeat(100_000),
      'これは文です。'.repeat(2000),
    ]) {
      const passages = toPassages([{ start: 0, end: 200, text }], []);
      assert.equal(
        passages
          .map((passage) => passage.text)
          .join('')
          .replaceAll(' ', ''),
        text,
      );
      for (const passage of passages) {
        assert.match(passage.text, /^.{1,1000}$/u);
        assert.ok(passage.text.isWellFormed());
      }
    }
  });

  it('makes one line of well-formed text', () => {
    const [passage] = toPassages(
      [{ start: 0, end: 5, text: ' A\u0000b\n\tc \uD800. ' }],
      [{ start: 0, title: 'One\nline' }],
    );
    assert.equal(passage?.text, 'A b c \uFFFD.');
    assert.equal(passage?.chapter, 'One line');
  });

  it('does not join what a long silence parts', () => {
    const segments = [
      { start: 0, end: 5, text: 'Before.' },
      { start: 200, end: 205, text: 'After.' },
    ];
    assert.deepEqual(
      toPassages(segments, []).map(({ start, end }) => [start, end]),
      [
        [0, 5],
        [200, 205],
      ],
    );
  });

  it('gathers chapters of a few seconds', () => {
    const chapters = Array.from({ length: 54 }, (_, index) => ({ start: index * 5, title: `Part ${index}` }));
    const passages = toPassages(talk(5, times(54)), chapters);
    assert.ok(passages.length <= 20, `${passages.length} passages`);
  });

  it('is quick with a hundred thousand segments', () => {
    const started = performance.now();
    const segments = Array.from({ length: 100_000 }, (_, index) => ({
      start: index / 100,
      end: (index + 1) / 100,
      text: 'a.',
    }));
    assert.ok(toPassages(segments, []).length > 20);
    assert.ok(performance.now() - started < 10_000);
  });

  it('breaks where a chapter does and names it', () => {
    const chapters = [
      { start: 0, title: 'One' },
      { start: 50, title: 'Two' },
    ];
    const passages = toPassages(talk(5, times(20)), chapters);
    assert.ok(passages.some(({ start }) => start === 50));
    for (const { start, chapter } of passages) assert.equal(chapter, start < 50 ? 'One' : 'Two');
  });

  it('gives the bundled recording one passage per topic', () => {
    const { topics } = recording();
    const segments = topics.flatMap(({ sentences }) => [...sentences]);
    const passages = toPassages(
      segments,
      topics.map(({ start, title }) => ({ start: Math.floor(start), title })),
    );
    assert.deepEqual(
      passages.map(({ chapter }) => chapter),
      topics.map(({ title }) => title),
    );
  });
});
