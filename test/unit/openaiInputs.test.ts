import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toRequests } from '../../jobrunner/adapters/openai/inputs.ts';

describe('texts as OpenAI takes them', () => {
  for (const [name, text, sent] of [
    ['an ordinary text as it is', ' Roll back.\nNow. ', ' Roll back.\nNow. '],
    ['half a character as a replacement', 'a\uD800b', 'a\uFFFDb'],
    ['a zero character as a space', 'a\u0000b', 'a b'],
    ['nothing as a full stop', '', '.'],
    ['blanks as a full stop', ' \t\n\u00A0', '.'],
    ['zero characters alone as a full stop', '\u0000', '.'],
  ] as const)
    it(`sends ${name}`, () => assert.deepEqual(toRequests([text]), [[sent]]));

  for (const [name, character, kept] of [
    ['one', 'x', 8000],
    ['two', 'é', 4000],
    ['three', '語', 2666],
    ['four', '😀', 2000],
  ] as const)
    it(`cuts characters of ${name} byte(s) at 8,000 bytes, between two of them`, () => {
      const [[sent] = []] = toRequests([character.repeat(9000)]);
      assert.equal(sent, character.repeat(kept));
    });

  it('sends a batch of passages in one request', () => {
    const passages = Array.from({ length: 100 }, (_, index) => `${index} ${'word '.repeat(200)}`);
    assert.deepEqual(toRequests(passages), [passages]);
  });

  it('spreads what is more than 300,000 bytes together', () => {
    const texts = Array.from({ length: 80 }, () => 'x'.repeat(8000));
    assert.deepEqual(
      toRequests(texts).map((request) => request.length),
      [37, 37, 6],
    );
  });

  it('spreads what is more than 2,048 texts, in order', () => {
    const texts = Array.from({ length: 4100 }, (_, index) => String(index));
    const requests = toRequests(texts);
    assert.deepEqual(
      requests.map((request) => request.length),
      [2048, 2048, 4],
    );
    assert.deepEqual(requests.flat(), texts);
  });

  it('sends nothing for nothing', () => assert.deepEqual(toRequests([]), []));
});
