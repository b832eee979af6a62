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
