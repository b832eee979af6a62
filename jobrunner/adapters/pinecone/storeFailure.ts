import { StageError } from '../../contract/stageError.ts';
import type { Reason } from '../../contract/reasons.ts';
import type { HttpFailure } from '../service/httpFailure.ts';

/** What was asked of Pinecone, and where. */
export interface Asked {
  readonly operation: 'describe' | 'stats' | 'upsert' | 'query' | 'fetch' | 'list' | 'delete';
  /** The index's name. */
  readonly index: string;
  /**
   * How its address is known: `given` (PINECONE_HOST), `looked up` just before the request, or `remembered` from an
   * earlier lookup, so that the index may have moved since.
   */
  readonly address: 'given' | 'looked up' | 'remembered';
}

interface Meaning {
  readonly reason: Reason;
  readonly message: string;
}

const misconfigured = (message: string): Meaning => ({ reason: 'StoreMisconfigured', message });
const unavailable = (message: string): Meaning => ({ reason: 'StoreUnavailable', message });
const rejected = (message: string): Meaning => ({ reason: 'CredentialsRejected', message });

/**
 * What a failed request means to the user. The failure itself is not its cause: its body may repeat the key.
 * Statuses by https://docs.pinecone.io/reference/api/errors
 */
export function toStoreError(failure: HttpFailure, asked: Asked): StageError {
  const { reason, message } = meaningOf(failure, asked);
  const { retryAfterSeconds } = failure;
  return new StageError(reason, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

/** A namespace exists from its first upsert on; before, some operations answer 404 with code 5 and these words. */
export function isMissingNamespace({ status, body }: HttpFailure): boolean {
  return (
    status === 404 &&
    typeof body?.['message'] === 'string' &&
    /^namespace\b.*not found/i.test(body['message'])
  );
}

function meaningOf(failure: HttpFailure, asked: Asked): Meaning {
  const { kind, status, detail } = failure;
  const index = `the Pinecone index "${asked.index}"`;
  if (kind === 'too-large')
    return misconfigured(`What ${index} answered is not Pinecone's (${detail}): check ${addressOf(asked)}.`);
  if (kind === 'network')
    return unavailable(
      `Pinecone could not be reached for ${index}: ${detail}. If it stays so, check ${addressOf(asked)}.`,
    );
  if (kind !== 'status') return unavailable(`Pinecone did not answer for ${index}: ${detail}.`);
  if (status < 400)
    return misconfigured(
      `Requests to ${index} are redirected (${detail}), which no Pinecone host does: check ${addressOf(asked)}.`,
    );
  if (status === 401)
    return rejected(
      'Pinecone rejected the API key: set PINECONE_API_KEY to a valid one, from API keys at https://app.pinecone.io.',
    );
  if (status === 402)
    return misconfigured(`Pinecone asks for a payment (${detail}): settle it at https://app.pinecone.io.`);
  if (status === 403) return forbidden(detail, index, asked);
  if (status === 404) return notFound(detail, index, asked);
  if (status === 429) return tooMany(detail);
  if (status === 501 || (asked.operation === 'list' && /serverless|pod-based/i.test(detail)))
    return misconfigured(
      `The Pinecone index "${asked.index}" cannot do what is needed (${asked.operation}; ${detail}), as pod-based ones cannot list ids: name a serverless index in PINECONE_INDEX.`,
    );
  if (failure.passing) return unavailable(`Pinecone is in trouble (${detail}).`);
  return refused(detail, asked);
}

/** Quotas are 403 too ("object limits"): the storage of a plan, for one. */
function forbidden(detail: string, index: string, asked: Asked): Meaning {
  if (/quota|reached the max|upgrade your plan/i.test(detail))
    return misconfigured(
      `A limit of the Pinecone plan is reached (${detail}): delete records or change the plan at https://app.pinecone.io.`,
    );
  return rejected(
    `The key in PINECONE_API_KEY may not ${asked.operation} on ${index}: use a key of the index's own project with the right to read and write data${asked.address === 'given' ? ', and check that PINECONE_HOST is of the same project' : ''}.`,
  );
}

function notFound(detail: string, index: string, asked: Asked): Meaning {
  if (asked.operation === 'describe')
    return misconfigured(
      `There is no Pinecone index "${asked.index}" in the project of PINECONE_API_KEY: correct PINECONE_INDEX, or create the index at https://app.pinecone.io with the embedding model's dimension and metric cosine.`,
    );
  if (asked.address === 'remembered')
    return unavailable(`There is no index any more where ${index} was: it is looked up again.`);
  return misconfigured(`There is no index where ${index} should be (${detail}): check ${addressOf(asked)}.`);
}

/** https://docs.pinecone.io/reference/api/database-limits/rate-limits: the limits of a month do not pass by waiting. */
function tooMany(detail: string): Meaning {
  return /\b(?:current month|per month|monthly)\b/i.test(detail)
    ? misconfigured(
        `The Pinecone plan's units of this month are used up (${detail}): change the plan at https://app.pinecone.io, or go on next month.`,
      )
    : unavailable(`Pinecone asked us to slow down (${detail}).`);
}

function refused(detail: string, asked: Asked): Meaning {
  const [, ours, theirs] =
    /dimension (\d+) does not match the dimension of the index (\d+)/i.exec(detail) ?? [];
  if (ours !== undefined && theirs !== undefined)
    return misconfigured(
      `The Pinecone index "${asked.index}" holds vectors of ${theirs} numbers, and the embedding model gives ${ours}: name an index with dimension ${ours} and metric cosine in PINECONE_INDEX, or set spec.embedding.dimensions to ${theirs} if the model can do that.`,
    );
  return {
    reason: 'InternalError',
    message: `Pinecone refused to ${asked.operation} on the index "${asked.index}" (${detail}).`,
  };
}

function addressOf({ address, operation }: Asked): string {
  if (operation === 'describe') return 'PINECONE_CONTROLLER_HOST';
  return address === 'given' ? 'PINECONE_HOST' : 'PINECONE_INDEX and PINECONE_CONTROLLER_HOST';
}
