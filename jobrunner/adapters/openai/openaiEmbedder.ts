import { StageError } from '../../contract/stageError.ts';
import type { Embedder } from '../../ports.ts';
import { callService, type ServiceSettings } from '../service/callService.ts';
import { embeddingServer } from './baseUrl.ts';
import { toRequests } from './inputs.ts';
import { readVectors } from './readVectors.ts';
import { translateFailure } from './translateFailure.ts';

export interface OpenaiOptions extends ServiceSettings {
  readonly apiKey: string;
  /** A compatible server; OpenAI itself unless told. */
  readonly baseUrl?: string;
  readonly model: string;
  /** Asked of the model; its own unless told. */
  readonly dimensions?: number;
}

/** Lengths of the models' vectors: developers.openai.com/api/docs/guides/embeddings; ada-002: its model page. */
const DIMENSIONS = new Map([
  ['text-embedding-3-small', 1536],
  ['text-embedding-3-large', 3072],
  ['text-embedding-ada-002', 1536],
]);
/** Bytes of an answer for each text: the longest vector spec.embedding.dimensions allows, 32 bytes to a number. */
const MAX_VECTOR_BYTES = 20_000 * 32;
/** Bytes of an answer for all else in it. */
const MAX_FRAME_BYTES = 64 * 1024;

/**
 * Any model behind OpenAI's API `POST /embeddings`. Throws `ConfigurationInvalid` for a key or a base URL that no
 * request can be made with. The library is loaded with the first request: it costs 18 MB of memory and 85 ms; a client
 * of it costs 0.04 ms, so that each request has its own, bound to its signal.
 */
export function openaiEmbedder(options: OpenaiOptions): Embedder {
  const { apiKey, model } = options;
  // Node would refuse it as a header at the first request, with the key in the error's text.
  if (!/^[\x21-\x7E]+$/.test(apiKey))
    throw new StageError(
      'ConfigurationInvalid',
      'OPENAI_API_KEY is empty or holds a space, a line break or a letter that no key has: copy the key again.',
    );
  const server = embeddingServer(options.baseUrl);
  let dimensions = options.dimensions ?? DIMENSIONS.get(model);

  async function request(input: string[], signal: AbortSignal): Promise<Float32Array[]> {
    const service = {
      ...options,
      name: server.name,
      maxBytes: MAX_FRAME_BYTES + input.length * MAX_VECTOR_BYTES,
      translate: (failure: Parameters<typeof translateFailure>[0]) =>
        translateFailure(failure, { server: server.name, model }),
    };
    const answer: unknown = await callService(service, signal, async (fetch) => {
      const { OpenAI } = await import('openai');
      const client = new OpenAI({
        apiKey,
        baseURL: server.url,
        fetch,
        maxRetries: 0,
        // Later than ours, which tells a timeout from a broken connection.
        timeout: options.timeoutMs * 2,
        // Whatever OPENAI_LOG says: at `debug` it prints the texts.
        logLevel: 'off',
      });
      return client.embeddings.create({
        model,
        input,
        // Said, so that the library leaves the decoding to us; less than half the bytes of an array.
        encoding_format: 'base64',
        ...(options.dimensions !== undefined && { dimensions: options.dimensions }),
      });
    });
    const vectors = readVectors(answer, { count: input.length, model, dimensions });
    dimensions ??= vectors[0]?.length;
    return vectors;
  }

  return {
    model,
    get dimensions() {
      return dimensions;
    },
    concurrency: 2,
    isWarm: () => true,
    async embed(texts, { signal }) {
      const vectors: Float32Array[] = [];
      for (const input of toRequests(texts)) vectors.push(...(await request(input, signal)));
      return vectors;
    },
    close: () => Promise.resolve(),
  };
}
