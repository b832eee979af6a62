import { isObject } from '../../../common/json.ts';
import { StageError } from '../../contract/stageError.ts';
import type { HttpFailure } from '../service/httpFailure.ts';

export interface Asked {
  /** Who answered, for messages. */
  readonly server: string;
  readonly model: string;
}

/**
 * `code` or `type` of errors that only money or another limit ends, whatever the status. The first five are in OpenAI's
 * guide "Error codes" (developers.openai.com/api/docs/guides/error-codes), where `insufficient_quota` is the type of the
 * others; the last two are in answers that users published (with 429 and 400).
 */
const QUOTA: ReadonlySet<unknown> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'billing_not_active',
  'billing_hard_limit_reached',
]);

/** What a failed `POST /embeddings` means to the user (statuses: OpenAI's guide "Error codes"). */
export function translateFailure(failure: HttpFailure, { server, model }: Asked): StageError {
  const { status, detail, retryAfterSeconds } = failure;
  const { code, type, message } = errorOf(failure);
  const later = { cause: failure, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  const because = { cause: failure };

  if (failure.kind === 'too-large')
    return new StageError(
      'EmbeddingFailed',
      `${server} sent ${detail}, which no vectors of ${model} need: check spec.embedding.model and OPENAI_BASE_URL.`,
      because,
    );
  if (failure.kind !== 'status')
    return new StageError('EmbeddingUnavailable', `${server} gave no usable answer: ${detail}.`, later);
  // A server's words to a rejected key may hold parts of it.
  if (status === 401)
    return new StageError(
      'CredentialsRejected',
      `${server} rejected the key in OPENAI_API_KEY (status 401): it is wrong, revoked, or not allowed to create ` +
        'embeddings or to be used from this address.',
      because,
    );
  // 402: how resellers of the API say it.
  if (status === 402 || QUOTA.has(code) || QUOTA.has(type))
    return new StageError(
      'EmbeddingQuotaExceeded',
      `The account of OPENAI_API_KEY has no credit left or reached a spending limit (${detail}).`,
      because,
    );
  if (status === 429)
    return new StageError('EmbeddingRateLimited', `${server} limits our requests (${detail}).`, later);
  if (failure.passing || status === 409)
    return new StageError('EmbeddingUnavailable', `${server} is not available (${detail}).`, later);
  // Compatible servers have codes of their own for it, or none, but name the model.
  if (code === 'model_not_found' || (status === 404 && message.includes(model)))
    return new StageError(
      'EmbeddingFailed',
      `${server} has no embedding model ${model} for the key in OPENAI_API_KEY (${detail}): check ` +
        'spec.embedding.model, and that the project of the key may use it.',
      because,
    );
  if (code === 'unsupported_country_region_territory')
    return new StageError(
      'CredentialsRejected',
      `${server} does not serve the country or region this runs in (${detail}): run it elsewhere, or set ` +
        'OPENAI_BASE_URL to a server that does.',
      because,
    );
  if (status === 403)
    return new StageError(
      'CredentialsRejected',
      `The key in OPENAI_API_KEY may not create embeddings with the model ${model} (${detail}).`,
      because,
    );
  // No such path, a redirect, a method or a version that is not served: another server than it should be.
  if (status < 400 || status === 404 || status === 405 || status === 410)
    return new StageError(
      'ConfigurationInvalid',
      `${server} has no embeddings where they were asked for (${detail}): check OPENAI_BASE_URL, which mostly ends ` +
        'in /v1.',
      because,
    );
  return new StageError(
    'EmbeddingFailed',
    `${server} refused the request (${detail}): check spec.embedding.model and spec.embedding.dimensions.`,
    because,
  );
}

/** The members of `ErrorResponse` (openapi.yaml 2.3.0). */
function errorOf({ body }: HttpFailure): { code: unknown; type: unknown; message: string } {
  const error = isObject(body?.['error']) ? body['error'] : body;
  const message = error?.['message'];
  return {
    code: error?.['code'],
    type: error?.['type'],
    message: typeof message === 'string' ? message : '',
  };
}
