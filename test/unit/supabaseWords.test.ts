import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldWord, indexWords, MAX_TEXT_BYTES } from '../../jobrunner/adapters/supabase/indexWords.ts';
import { storableText } from '../../jobrunner/adapters/supabase/storableText.ts';
import { wordsIn } from '../../jobrunner/search/words.ts';

describe('wordsIn', () => {
  for (const [text, expected] of [
    ['Roll back, then roll OUT!', 'roll back then roll out'],
    ['\' & | ! ( ) :* <-> \\ "', ''],
    ['naïve na\u0308ive', 'naïve na\u0308ive'],
    ['v2.4 配色 \u0000', 'v2 4 配色'],
    [`${'x'.repeat(63)}𝒳y z`, `${'x'.repeat(63)} z`],
  ] as const)
    it(JSON.stringify(text.slice(0, 40)), () => assert.equal(wordsIn(text).join(' '), expected));
});

describe('foldWord', () => {
  for (const [word, expected] of [
    ['café', 'cafe'],
    ['cafe\u0301', 'cafe'],
    ['ångström', 'angstrom'],
    ['straße', 'straße'],
    ['한국어', '한국어'],
    ['हिन्दी', 'हिन्दी'],
  ] as const)
    it(word, () => assert.equal(foldWord(word), expected));
});

describe('indexWords', () => {
  it('keeps the order, and of a word that is repeated without end a few', () => {
    assert.equal(indexWords('One two, one!', 1000), 'one two one');
    assert.equal(
      indexWords(`${'word '.repeat(200_000)}capybara`, MAX_TEXT_BYTES),
      `${'word '.repeat(8)}capybara`,
    );
  });

  it('ends with what a tsvector can hold', () => {
    const words = Array.from({ length: 200_000 }, (_, index) => `word${index}`);
    const kept = indexWords(words.join(' '), MAX_TEXT_BYTES).split(' ');
    assert.ok(kept.length > 20_000 && kept.length < 40_000, String(kept.length));
    assert.equal(kept[0], 'word0');
  });
});

describe('storableText', () => {
  for (const [text, expected] of [
    ['as it is 😀\n', 'as it is 😀\n'],
    ['a\u0000b', 'a\uFFFDb'],
    ['half \uD800 pair', 'half \uFFFD pair'],
  ] as const)
    it(JSON.stringify(text), () => assert.equal(storableText(text), expected));
});
