import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { localEmbedder } from '../../jobrunner/adapters/localEmbedder.ts';
import { newInference } from '../support/inference.ts';

const signal = new AbortController().signal;

const dot = (one: Float32Array, two: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * (two[index] ?? Number.NaN), 0);

describe('all-MiniLM-L6-v2', () => {
  const inference = newInference();
  after(() => inference.close());
  const embed = (...texts: string[]): Promise<Float32Array[]> =>
    localEmbedder(inference).embed(texts, { signal });
  const similarity = async (one: string, two: string): Promise<number> => {
    const [a = new Float32Array(), b = new Float32Array()] = await embed(one, two);
    return dot(a, b);
  };

  it("agrees with its model card: a happy person is near a very happy person, far from today's sun", async () => {
    // 0.943 in float, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
    const near = await similarity('That is a happy person', 'That is a very happy person');
    assert.ok(Math.abs(near - 0.943) < 0.03, String(near));
    const far = await similarity('That is a happy person', 'Today is a sunny day');
    assert.ok(Math.abs(far - 0.257) < 0.06, String(far));
  });

  it('gives the same unit vector alone, again, and in the company of longer texts', async () => {
    const text = 'Press the invite button.';
    const [alone = new Float32Array()] = await embed(text);
    assert.equal(alone.length, 384);
    assert.ok(Math.abs(dot(alone, alone) - 1) < 1e-5);
    assert.deepEqual((await embed(text))[0], alone);
    const company = await embed('long '.repeat(200), text, 'a', 'b c d '.repeat(30));
    assert.ok(dot(company[1] ?? new Float32Array(), alone) > 0.9999);
  });

  it('reads 256 word pieces and no further, however long the text is', async () => {
    const begin = 'river stone '.repeat(130);
    const [short, long] = await embed(begin, `${begin}${'quarterly invoice '.repeat(50_000)}`);
    assert.deepEqual(short, long);
    const seen = 'river stone '.repeat(100);
    const [one = new Float32Array(), two = new Float32Array()] = await embed(
      seen,
      `${seen}invoices invoices`,
    );
    assert.ok(dot(one, two) < 0.9999, 'what comes before the limit is read');
  });

  it('takes any text', async () => {
    const odd = ['', ' ', '\u0000', '😀'.repeat(1000), 'العربية', '\ud800', '<script>', 'x'.repeat(100_000)];
    for (const vector of await embed(...odd)) assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5);
  });
});
