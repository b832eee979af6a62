import { parseObject, type JsonObject } from '../../../common/json.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { ApiError } from './kubeApi.ts';

/** What of an HTTP answer the reading needs. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Characters of an apiserver's or a webhook's words that are kept. */
const MAX_MESSAGE = 1000;

/**
 * The JSON object of a successful answer. Throws ApiError: for every other status, with what the apiserver's `Status`
 * says; for an answer of more than `maxBytes` (`AnswerTooLarge`); for one that is no JSON object (`MalformedAnswer`).
 * `request` names the call in messages.
 */
export async function readAnswer(answer: RawAnswer, request: string, maxBytes: number): Promise<JsonObject> {
  const body = parseObject(await readText(answer.body, request, maxBytes));
  if (answer.status < 200 || answer.status > 299) throw statusError(answer, body, request);
  if (!body)
    throw new ApiError({
      status: 0,
      reason: 'MalformedAnswer',
      message: `${request}: an answer that is not JSON`,
    });
  return body;
}

async function readText(
  chunks: AsyncIterable<Uint8Array>,
  request: string,
  maxBytes: number,
): Promise<string> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    // Leaving the loop closes the connection, and with it the rest of the answer.
    if (size > maxBytes)
      throw new ApiError({
        status: 0,
        reason: 'AnswerTooLarge',
        message: `${request}: an answer of more than ${maxBytes} bytes`,
      });
    kept.push(chunk);
  }
  return Buffer.concat(kept).toString('utf8');
}

function statusError(
  { status, headers }: RawAnswer,
  body: JsonObject | undefined,
  request: string,
): ApiError {
  // What comes from a proxy in between, a page for one, says nothing of use.
  const said = body?.['kind'] === 'Status' && typeof body['message'] === 'string' ? body['message'] : '';
  const reason = body?.['kind'] === 'Status' && typeof body['reason'] === 'string' ? body['reason'] : '';
  const asked = retryAfterSeconds(headers);
  return new ApiError({
    status,
    reason: reason === '' ? 'Unknown' : reason,
    message: said === '' ? `${request}: status ${status}` : oneLine(said, MAX_MESSAGE),
    ...(asked !== undefined && { retryAfterSeconds: asked }),
  });
}

/** The apiserver writes whole seconds only; undefined where there are none. */
export function retryAfterSeconds(headers: RawAnswer['headers']): number | undefined {
  const value = headers['retry-after'];
  return typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}
