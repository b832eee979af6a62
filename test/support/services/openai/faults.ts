import type { ApiAnswer, Fault } from '../standIn.ts';
import { decodeEmbedding, encodeEmbedding } from './encodeEmbedding.ts';
import { errorAnswer, invalidRequest } from './errorAnswers.ts';

/** `CreateEmbeddingResponse` as the stand-in makes it. */
interface EmbeddingsBody {
  readonly data: readonly { index: number; embedding: string | readonly number[] }[];
}

/** A 429 that time heals. `retryAfter`: a header's value, seconds or a date. */
export function rateLimited(retryAfter?: string): Fault {
  return {
    ...asFault(
      errorAnswer({
        status: 429,
        type: 'requests',
        code: 'rate_limit_exceeded',
        message:
          'Rate limit reached for text-embedding-3-small in organization org-x on requests per min (RPM): Limit 3, ' +
          'Used 3, Requested 1. Please try again in 20s.',
      }),
    ),
    ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
  };
}

/** A 429 that only money heals. `code`: those of OpenAI's guide "Error codes", all of this type. */
export function quotaExceeded(code = 'insufficient_quota'): Fault {
  return asFault(
    errorAnswer({
      status: 429,
      type: 'insufficient_quota',
      code,
      message:
        'You exceeded your current quota, please check your plan and billing details. For more information on this ' +
        'error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
    }),
  );
}

/** A server's trouble: 500, 502, 503, 504. */
export function unavailable(status = 503): Fault {
  return asFault(
    status === 503
      ? errorAnswer({
          status,
          type: 'service_unavailable_error',
          code: 'server_is_overloaded',
          message: 'The server is overloaded. Please try again later.',
        })
      : errorAnswer({
          status,
          type: 'server_error',
          message: 'The server had an error while processing your request. Sorry about that!',
        }),
  );
}

export function countryNotSupported(): Fault {
  return asFault(
    errorAnswer({
      status: 403,
      type: 'request_forbidden',
      code: 'unsupported_country_region_territory',
      message: 'Country, region, or territory not supported',
    }),
  );
}

/** The project of the key is not allowed this model. */
export function modelNotAllowed(model: string): Fault {
  return asFault(
    invalidRequest(`Project \`proj_x\` does not have access to model \`${model}\``, {
      status: 403,
      code: 'model_not_found',
    }),
  );
}

/** The answer of a proxy or of a web server, with any status. */
export function htmlPage(status = 200): Fault {
  return {
    status,
    rawBody: '<!doctype html><html><body><h1>Welcome</h1></body></html>',
    headers: { 'content-type': 'text/html' },
  };
}

/** Vectors of another length than asked for. */
export function wrongDimensions(length: number): Fault {
  return changeVectors((values) => Array.from({ length }, (_, index) => values[index % values.length] ?? 0));
}

/** A NaN in each vector. JSON has none: an array of numbers then holds null. */
export function nan(): Fault {
  return changeVectors(([, ...rest]) => [Number.NaN, ...rest]);
}

/** Vectors without a direction. */
export function allZero(): Fault {
  return changeVectors((values) => values.map(() => 0));
}

/** Another list of embeddings than was asked for. */
export function changeData(change: (data: EmbeddingsBody['data']) => readonly unknown[]): Fault {
  return {
    change: (answer) => {
      const body = answer.body as EmbeddingsBody;
      return { ...answer, body: { ...body, data: change(body.data) } };
    },
  };
}

function changeVectors(change: (values: number[]) => number[]): Fault {
  return changeData((data) =>
    data.map((item) => ({
      ...item,
      embedding: encodeEmbedding(
        change(decodeEmbedding(item.embedding)),
        typeof item.embedding === 'string' ? 'base64' : 'float',
      ),
    })),
  );
}

function asFault({ status, body }: ApiAnswer): Fault {
  return { status, body };
}
