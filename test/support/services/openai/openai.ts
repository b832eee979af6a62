import { timingSafeEqual } from 'node:crypto';
import { isObject } from '../../../../common/json.ts';
import { startStandIn, type ApiAnswer, type ApiRequest, type Route, type StandIn } from '../standIn.ts';
import {
  inputsOf,
  isEmbeddingRequest,
  schemaFault,
  tokenCounts,
  tokenFault,
  type EmbeddingRequest,
} from './embeddingRequest.ts';
import { encodeEmbedding } from './encodeEmbedding.ts';
import { invalidRequest, missingKey, rejectedKey, unknownModel, unknownUrl } from './errorAnswers.ts';
import { OPENAI_MODELS } from './models.ts';
import { unitLength, wordVector } from './wordVectors.ts';

export interface OpenaiOptions {
  /** The one key it takes. */
  readonly apiKey?: string;
  /**
   * Plays a server that is only like OpenAI's: it knows any model, ignores `encoding_format`, `dimensions` and what it
   * does not know, and answers with arrays of numbers that are not of length one.
   */
  readonly compatible?: { readonly dimensions: number };
  readonly host?: string;
  readonly port?: number;
}

export interface OpenaiStandIn extends StandIn {
  /** For OPENAI_BASE_URL: ends in /v1. */
  readonly url: string;
  readonly apiKey: string;
  /** The inputs of each request to embed that came, in order, whatever was answered. */
  readonly requests: readonly (readonly string[])[];
}

/** Longest request taken, bytes; OpenAI publishes no limit but that of tokens, which strikes before this one. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * OpenAI's embeddings as its API document has them (github.com/openai/openai-openapi, openapi.yaml 2.3.0), over HTTP.
 * Operations: `embed`, `model`.
 */
export async function startOpenai(options: OpenaiOptions = {}): Promise<OpenaiStandIn> {
  const { apiKey = 'sk-proj-stand-in-0123456789abcdef', compatible } = options;

  const forKey =
    (handle: Route['handle']): Route['handle'] =>
    (request, match) => {
      const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (key === undefined) return missingKey();
      return isSame(key, apiKey) ? handle(request, match) : rejectedKey(key);
    };

  function embed({ body }: ApiRequest): ApiAnswer {
    if (body === undefined)
      return invalidRequest(
        'We could not parse the JSON body of your request. (HINT: This likely means you aren’t using your HTTP ' +
          'library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)',
      );
    if (compatible) return embedCompatibly(body, compatible.dimensions);
    if (!isEmbeddingRequest(body)) return invalidRequest(schemaFault());
    const model = OPENAI_MODELS.find(({ id }) => id === body.model);
    if (!model) return unknownModel(body.model);
    if (body.dimensions !== undefined && !model.shortens)
      return invalidRequest('This model does not support specifying dimensions.');
    if (body.dimensions !== undefined && body.dimensions > model.dimensions)
      return invalidRequest(
        `Invalid value for 'dimensions' = ${body.dimensions}. Must be less than or equal to ${model.dimensions}.`,
      );
    const counts = tokenCounts(body);
    const fault = tokenFault(counts);
    if (fault) return invalidRequest(fault.message, fault.code === undefined ? {} : { code: fault.code });
    const vectors = inputsOf(body).map((text) =>
      unitLength(wordVector(text, model.dimensions).slice(0, body.dimensions)),
    );
    const encoding = body.encoding_format ?? 'float';
    return answer(
      model.id,
      vectors.map((values) => encodeEmbedding(values, encoding)),
      counts,
    );
  }

  const standIn = await startStandIn({
    routes: [
      { operation: 'embed', method: 'POST', path: /^\/v1\/embeddings$/, handle: forKey(embed) },
      {
        operation: 'model',
        method: 'GET',
        path: /^\/v1\/models\/([^/]+)$/,
        handle: forKey((_request, match) => describeModel(decodeURIComponent(match[1] ?? ''))),
      },
    ],
    notFound: ({ method, path }) => unknownUrl(method, path),
    maxBytes: MAX_BYTES,
    tooLarge: () => invalidRequest('Request body too large.', { status: 413 }),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.port !== undefined && { port: options.port }),
  });
  return {
    ...standIn,
    url: `${standIn.url}/v1`,
    apiKey,
    get requests() {
      return standIn.calls.flatMap(({ operation, request }) =>
        operation === 'embed' ? [looseInputs(request.body)] : [],
      );
    },
  };
}

function embedCompatibly(body: unknown, dimensions: number): ApiAnswer {
  const inputs = looseInputs(body);
  const model = isObject(body) && typeof body['model'] === 'string' ? body['model'] : '';
  const vectors = inputs.map((text) => wordVector(text, dimensions).map((value) => value * 7));
  return answer(
    model,
    vectors,
    inputs.map((text) => text.length),
  );
}

/** `CreateEmbeddingResponse`. */
function answer(
  model: string,
  embeddings: readonly (string | readonly number[])[],
  counts: readonly number[],
): ApiAnswer {
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  const data = embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { status: 200, body: { object: 'list', data, model, usage } };
}

/** `Model`. */
function describeModel(id: string): ApiAnswer {
  const known = OPENAI_MODELS.some((model) => model.id === id);
  return known
    ? { status: 200, body: { id, object: 'model', created: 1_700_000_000, owned_by: 'system' } }
    : unknownModel(id);
}

/** The texts of a request that may be anything. */
function looseInputs(body: unknown): string[] {
  const input = isObject(body) ? body['input'] : undefined;
  if (typeof input === 'string') return [input];
  return Array.isArray(input) ? inputsOf({ model: '', input: input as EmbeddingRequest['input'] }) : [];
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
