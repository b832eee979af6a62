import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuseRankings } from '../../jobrunner/search/rankFusion.ts';
import { timestampLink } from '../../jobrunner/search/timestampLink.ts';
import { videoName } from '../../jobrunner/search/videoName.ts';

describe('fuseRankings', () => {
  const order = (...rankings: (readonly [ids: string[], weight?: number])[]): string =>
    fuseRankings(rankings.map(([ids, weight = 1]) => ({ ids, weight })))
      .map(({ id }) => id)
      .join('');

  for (const [what, result, expected] of [
    ['nothing', order(), ''],
    ['one ranking stays as it is', order([['c', 'a', 'b']]), 'cab'],
    ['what both rank second beats what one ranks first', order([['a', 'x']], [['b', 'x']]), 'xab'],
    ['a light ranking only decides between equals', order([['a', 'b']], [['b', 'c'], 0.01]), 'abc'],
    ['ties go by id', order([['b']], [['a']]), 'ab'],
    ['a repeated id counts once', order([['a', 'a', 'b']], [['b']]), 'ba'],
  ] as const)
    it(what, () => assert.equal(result, expected));

  it('sums 1 / (60 + rank)', () => {
    assert.deepEqual(
      fuseRankings([
        { ids: ['a'], weight: 1 },
        { ids: ['b', 'a'], weight: 1 },
      ])[0],
      { id: 'a', score: 1 / 61 + 1 / 62 },
    );
  });
});

describe('timestampLink', () => {
  for (const [url, seconds, expected] of [
    ['https://www.loom.com/share/abc', 119.9, 'https://www.loom.com/share/abc?t=119'],
    ['https://www.loom.com/share/abc?sid=1&t=5', 7, 'https://www.loom.com/share/abc?sid=1&t=7'],
    ['file:///tmp/a%20b.mp4', 12, 'file:///tmp/a%20b.mp4#t=12'],
    ['https://cdn.example.com/v.mp4?Signature=x', 12, 'https://cdn.example.com/v.mp4?Signature=x#t=12'],
    ['not a link', 1, 'not a link'],
    ['https://www.loom.com/share/abc', -3, 'https://www.loom.com/share/abc?t=0'],
  ] as const)
    it(`${url} at ${seconds}`, () => assert.equal(timestampLink(url, seconds), expected));
});

describe('videoName', () => {
  for (const [key, expected] of [
    ['local.default.demo', 'demo'],
    ['cluster.team-a.demo.v2', 'team-a/demo.v2'],
    ['odd', 'odd'],
  ] as const)
    it(key, () => assert.equal(videoName(key), expected));
});
