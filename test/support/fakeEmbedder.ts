import { createHash } from 'node:crypto';
import { throwIfAborted } from '../../jobrunner/contract/stageError.ts';
import type { Embedder } from '../../jobrunner/ports.ts';

/** An embedder without a model: a text's vector is made from its hash. Counts the texts of each request. */
export function fakeEmbedder(model = 'fake', dimensions = 8): Embedder & { readonly requests: number[] } {
  const requests: number[] = [];
  return {
    model,
    dimensions,
    concurrency: 1,
    requests,
    isWarm: () => true,
    async embed(texts, { signal }) {
      throwIfAborted(signal);
      requests.push(texts.length);
      return texts.map((text) => {
        const bytes = createHash('sha256').update(text).digest().subarray(0, dimensions);
        const values = Float32Array.from(bytes, (byte) => byte - 127.5);
        const length = Math.hypot(...values);
        return values.map((value) => value / length);
      });
    },
    close: () => Promise.resolve(),
  };
}
