import { StageError } from '../contract/stageError.ts';
import type { Inference } from '../inference/inference.ts';
import type { EmbedAnswer } from '../inference/protocol.ts';
import type { Embedder } from '../ports.ts';

/** https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2: the model set-up installs. */
const MODEL = 'all-MiniLM-L6-v2';
const DIMENSIONS = 384;

/** all-MiniLM-L6-v2 in the local inference process: the default where no embedding service is configured. */
export function localEmbedder(inference: Inference): Embedder {
  return {
    model: MODEL,
    dimensions: DIMENSIONS,
    // One process that computes one thing at a time.
    concurrency: 1,
    isWarm: () => inference.embedsAtOnce,
    async embed(texts, { signal }) {
      if (texts.length === 0) return [];
      // oxlint-disable-next-line no-unsafe-type-assertion -- our own worker answers in its protocol
      const { vectors } = (await inference.request({ op: 'embed', texts }, signal).catch((error: unknown) => {
        throw error instanceof StageError && error.reason === 'TranscriptionFailed'
          ? new StageError('EmbeddingUnavailable', error.message, { cause: error })
          : error;
      })) as EmbedAnswer;
      return vectors.map((text) => float32(Buffer.from(text, 'base64')));
    },
    close: () => inference.close(),
  };
}

/** A copy with its own, aligned memory: Buffers share theirs. */
function float32(bytes: Buffer): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
