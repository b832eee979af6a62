import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readVectors } from '../../jobrunner/adapters/openai/readVectors.ts';

function base64(...values: number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

function item(embedding: unknown, index: unknown = 0): object {
  return { object: 'embedding', index, embedding };
}

const expected = { count: 1, model: 'm', dimensions: undefined };

describe('vectors of an answer', () => {
  for (const [name, embedding] of [
    ['base64', base64(0.6, 0.8)],
    ['base64 without padding', base64(0.6, 0.8).replace(/=+$/, '')],
    ['numbers', [0.6, 0.8]],
    ['numbers of another length than one', [3, 4]],
    ['very small numbers', [3e-38, 4e-38]],
  ] as const)
    it(`are read from ${name}`, () => {
      const [vector] = readVectors({ data: [item(embedding)] }, expected);
      assert.deepEqual(vector && [...vector].map((value) => value.toFixed(6)), ['0.600000', '0.800000']);
    });

  it('come in the order of the texts, whatever that of the answer', () => {
    const data = [item([0, 0, 1], 2), item([1, 0, 0], 0), item([0, 1, 0], 1)];
    assert.deepEqual(
      readVectors({ data }, { ...expected, count: 3 }).map((vector) => [...vector]),
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    );
  });

  for (const [name, answer, says] of [
    ['nothing', undefined, /no list of embeddings/],
    ['no object', [], /no list of embeddings/],
    ['no list', { data: {} }, /no list of embeddings/],
    ['too few', { data: [item([1])] }, /1 embeddings for 2 texts/],
    ['too many', { data: [item([1]), item([1], 1), item([1], 2)] }, /3 embeddings for 2 texts/],
    ['no objects', { data: [1, 2] }, /not an object/],
    ['an index twice', { data: [item([1]), item([1])] }, /two embeddings of index 0/],
    ['an index too high', { data: [item([1]), item([1], 2)] }, /none of 0 to 1/],
    ['an index that is no whole number', { data: [item([1]), item([1], 0.5)] }, /none of 0 to 1/],
    ['no index', { data: [item([1]), { embedding: [1] }] }, /none of 0 to 1/],
    ['an index as text', { data: [item([1]), item([1], '1')] }, /none of 0 to 1/],
    ['an empty vector', { data: [item([]), item([1], 1)] }, /empty vector/],
    ['an empty text', { data: [item(''), item([1], 1)] }, /empty vector/],
    ['lengths that differ', { data: [item([1, 1]), item([1], 1)] }, /of 1 numbers where 2 were expected/],
    ['null in the numbers', { data: [item([1, null]), item([1, 1], 1)] }, /neither base64/],
    ['texts in the numbers', { data: [item(['1']), item([1], 1)] }, /neither base64/],
    ['text that is not base64', { data: [item('no vector!'), item([1], 1)] }, /neither base64/],
    ['base64 of half a number', { data: [item('AAAAAAA='), item([1], 1)] }, /neither base64/],
    ['no embedding', { data: [{ index: 0 }, item([1], 1)] }, /neither base64/],
    ['NaN', { data: [item(base64(Number.NaN, 1)), item([1, 1], 1)] }, /not a finite number/],
    ['infinity', { data: [item(base64(Infinity, 1)), item([1, 1], 1)] }, /not a finite number/],
    ['a number beyond float32', { data: [item([1e39, 1]), item([1, 1], 1)] }, /not a finite number/],
    ['zeros only', { data: [item([0, 0]), item([1, 1], 1)] }, /zeros only/],
  ] as const)
    it(`are not made of ${name}`, () =>
      assert.throws(() => readVectors(answer, { ...expected, count: 2 }), {
        reason: 'EmbeddingFailed',
        message: says,
      }));

  it('have the length that was asked for, or both lengths are named', () => {
    const answer = { data: [item([0.6, 0.8])] };
    assert.equal(readVectors(answer, { ...expected, dimensions: 2 }).length, 1);
    assert.throws(() => readVectors(answer, { ...expected, dimensions: 512 }), {
      reason: 'EmbeddingFailed',
      message: /model m .* 2 numbers where 512 were expected/,
    });
  });
});
