import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { duplicateFields } from '../../../controller/render/api/duplicateFields.ts';
import { humanDuration } from '../../../controller/render/api/humanDuration.ts';
import { mergePatch } from '../../../controller/render/resources/mergePatch.ts';
import { parseLabelSelector } from '../../../controller/render/resources/selectors.ts';

suite('label selectors', () => {
  const labels = { app: 'loom', tier: 'test', n: '5', empty: '' };
  const cases: readonly (readonly [text: string, holds: boolean])[] = [
    ['app=loom', true],
    ['app==loom', true],
    ['app!=loom', false],
    ['other!=loom', true],
    ['app', true],
    ['other', false],
    ['!app', false],
    ['!other', true],
    ['constructor', false],
    ['empty=', true],
    ['app=loom,tier=test', true],
    ['app = loom , tier = prod', false],
    ['app in (loom, x)', true],
    ['app in (x)', false],
    ['app notin (x,y)', true],
    ['other notin (x)', true],
    ['empty in (,x)', true],
    ['n>4', true],
    ['n<5', false],
    ['qudemo.dev/x=y', false],
  ];
  for (const [text, holds] of cases)
    test(text, () => assert.equal(parseLabelSelector(text)?.(labels), holds));

  test('an empty one means all', () => assert.equal(parseLabelSelector(' '), undefined));

  for (const text of ['=', 'a=b c', 'a in x', 'a in (x', 'a>b', '!', ',', 'a,', 'a ! b'])
    test(`${text} is none`, () => assert.throws(() => parseLabelSelector(text)));
});

suite('fields given twice', () => {
  const cases: readonly (readonly [json: string, found: readonly string[]])[] = [
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"a":{"b":1,"c":[{"d":1,"d":2},{"d":1}],"b":2}}', ['a.c[0].d', 'a.b']],
    [String.raw`{"a":"\"a\":1,","a":2}`, ['a']],
    [String.raw`{"a":1,"\u0061":2}`, ['a']],
    ['["a","a",{"x":["a","a"]}]', []],
    ['"a"', []],
  ];
  for (const [json, found] of cases) test(json, () => assert.deepEqual(duplicateFields(json), found));
});

suite('a merge patch', () => {
  // The examples of RFC 7386.
  const cases: readonly (readonly [target: unknown, patch: unknown, result: unknown])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases)
    test(`${JSON.stringify(target)} + ${JSON.stringify(patch)}`, () =>
      assert.deepEqual(mergePatch(target, patch), result));
});

suite('an age as kubectl shows it', () => {
  const cases: readonly (readonly [seconds: number, text: string])[] = [
    [-1, '0s'],
    [0.9, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [600, '10m'],
    [3 * 3600 - 1, '179m'],
    [3 * 3600, '3h'],
    [5 * 3600 + 60, '5h1m'],
    [9 * 3600, '9h'],
    [47 * 3600, '47h'],
    [50 * 3600, '2d2h'],
    [9 * 86_400, '9d'],
    [800 * 86_400, '2y70d'],
    [4000 * 86_400, '10y'],
  ];
  for (const [seconds, text] of cases)
    test(`${seconds} s: ${text}`, () => assert.equal(humanDuration(seconds), text));
});
