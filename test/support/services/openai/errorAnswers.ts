import type { ApiAnswer } from '../standIn.ts';

interface ErrorFacts {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly code?: string | null;
  readonly param?: string | null;
}

/** `ErrorResponse` of the API document (openapi.yaml 2.3.0). */
export function errorAnswer({ status, message, type, code = null, param = null }: ErrorFacts): ApiAnswer {
  return { status, body: { error: { message, type, param, code } } };
}

/** The most frequent kind: the request is at fault. The wordings below are those users published, where they did. */
export function invalidRequest(
  message: string,
  facts: { status?: number; code?: string; param?: string } = {},
): ApiAnswer {
  return errorAnswer({ status: 400, type: 'invalid_request_error', ...facts, message });
}

/** Like the real one, it repeats the ends of the key that was sent. */
export function rejectedKey(key: string): ApiAnswer {
  const masked = key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}` : key;
  return invalidRequest(
    `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`,
    { status: 401, code: 'invalid_api_key' },
  );
}

export function missingKey(): ApiAnswer {
  return invalidRequest(
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      '(i.e. Authorization: Bearer YOUR_KEY).',
    { status: 401 },
  );
}

export function unknownModel(model: string): ApiAnswer {
  return invalidRequest(`The model \`${model}\` does not exist or you do not have access to it.`, {
    status: 404,
    code: 'model_not_found',
  });
}

export function unknownUrl(method: string, path: string): ApiAnswer {
  return invalidRequest(`Invalid URL (${method} ${path})`, { status: 404 });
}
