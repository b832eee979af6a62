import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import type { Embedder } from '../../jobrunner/ports.ts';

const signal = new AbortController().signal;

export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** What every Embedder does, whichever service is behind it. `meaning`: its vectors are a real model's. */
export function embedderSuite(
  name: string,
  { meaning }: { meaning: boolean },
  create: () => Promise<Embedder>,
): void {
  describe(`Embedder: ${name}`, () => {
    let embedder: Embedder;
    before(async () => {
      embedder = await create();
    });
    after(() => embedder.close());

    it('gives one vector of length one per text, in order', async () => {
      const vectors = await embedder.embed(['one', 'two', 'three'], { signal });
      assert.equal(vectors.length, 3);
      for (const vector of vectors) assertUnitLength(vector);
      const [three] = await embedder.embed(['three'], { signal });
      assert.ok(three && vectors[1] && vectors[2]);
      assert.ok(cosine(three, vectors[2]) > 0.999);
      assert.ok(cosine(three, vectors[1]) < 0.999);
      assert.deepEqual(await embedder.embed([], { signal }), []);
    });

    it('gives a text the same vector alone and in company', async () => {
      const long = 'A much longer text that makes the batch wider than the short one needs. '.repeat(5);
      const [alone] = await embedder.embed(['short'], { signal });
      const [together] = await embedder.embed(['short', long], { signal });
      assert.ok(alone && together);
      assert.ok(cosine(alone, together) > 0.999);
    });

    it('takes any text', async () => {
      const texts = ['\u0000', '😀', '\uD800', '   ', 'x'.repeat(20_000), '"\\\n'];
      const vectors = await embedder.embed(texts, { signal });
      assert.equal(vectors.length, texts.length);
      for (const vector of vectors) assertUnitLength(vector);
    });

    if (meaning)
      it('puts what means the same closer together', async () => {
        const [question, answer, other] = await embedder.embed(
          [
            'How do I undo a bad release?',
            'Roll back to the previous version.',
            'The cat sleeps on the sofa.',
          ],
          { signal },
        );
        assert.ok(question && answer && other);
        assert.ok(cosine(question, answer) > cosine(question, other) + 0.1);
      });

    it('stops when it is aborted', async () => {
      await assert.rejects(embedder.embed(['x'], { signal: AbortSignal.abort() }), { reason: 'Interrupted' });
    });

    it('stops under way, and says why it was aborted', async () => {
      const abort = new AbortController();
      const answer = embedder.embed(['x'], { signal: abort.signal });
      abort.abort(new StageError('DeadlineExceeded', 'out of time'));
      await assert.rejects(answer, { reason: 'DeadlineExceeded' });
    });

    function assertUnitLength(vector: Float32Array): void {
      assert.equal(vector.length, embedder.dimensions);
      assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-3);
    }
  });
}
