import type { Clock } from '../../../common/clock.ts';
import { isObject, parseObject, type JsonObject } from '../../../common/json.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { HttpFailure, type HttpFailureKind } from './httpFailure.ts';
import { retryAfterSeconds } from './retryAfter.ts';

export interface ServiceFetchOptions {
  /** For one whole exchange, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Longest answer taken, bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Blanks secrets: a service may repeat our key in its error. */
  readonly redact: (text: string) => string;
  /** Told of each failure that is thrown: the client libraries wrap it, or hide it. */
  readonly onFailure: (failure: HttpFailure) => void;
}

/** Characters of a service's own words that are kept. */
const MAX_DETAIL = 300;
/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const BODILESS = new Set([204, 205, 304]);

/**
 * A `fetch` for the services' client libraries that answers only with whole, bounded, well-formed JSON and 2xx, and
 * throws {@link HttpFailure} for all else. It never repeats a request: when to try again is decided in one place
 * (stages/retryInPlace.ts). Redirects are failures: a key must not travel with them.
 */
export function serviceFetch(options: ServiceFetchOptions): typeof globalThis.fetch {
  const { timeoutMs, maxBytes, signal, clock, redact, onFailure } = options;

  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signals = [signal, timeout, ...(init?.signal ? [init.signal] : [])];
    try {
      const response = await fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
      const body = await readBounded(response, maxBytes);
      if (!response.ok) throw statusFailure(response, body);
      if (body.length > 0 && !isJson(body)) throw failure('malformed', 'an answer that is not JSON');
      return new Response(BODILESS.has(response.status) ? null : body, response);
    } catch (error) {
      if (signal.aborted) throw error;
      const known = error instanceof HttpFailure ? error : brokenExchange(error, timeout.aborted);
      onFailure(known);
      throw known;
    }
  };

  function statusFailure(response: Response, bytes: Uint8Array<ArrayBuffer>): HttpFailure {
    const text = new TextDecoder().decode(bytes.subarray(0, 64 * 1024));
    const body = parseObject(text);
    const words = oneLine(redact(body ? messageOf(body) : plainText(response, text)), MAX_DETAIL);
    return new HttpFailure({
      kind: 'status',
      status: response.status,
      retryAfterSeconds: retryAfterSeconds(response.headers, clock.now()),
      body,
      detail: words === '' ? `status ${response.status}` : `status ${response.status}: ${words}`,
    });
  }

  function brokenExchange(error: unknown, timedOut: boolean): HttpFailure {
    if (timedOut) return failure('timeout', `no answer within ${timeoutMs / 1000} s`, error);
    return failure('network', oneLine(redact(rootOf(error)), MAX_DETAIL), error);
  }
}

function failure(kind: HttpFailureKind, detail: string, cause?: unknown): HttpFailure {
  return new HttpFailure({ kind, status: 0, retryAfterSeconds: undefined, body: undefined, detail }, cause);
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop cancels the stream, and with it the rest of the answer.
    if (size > maxBytes) throw failure('too-large', `an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** The message in the error bodies of OpenAI and Pinecone (`error.message`) and of PostgREST (`message`). */
function messageOf(body: JsonObject): string {
  const error = isObject(body['error']) ? body['error'] : body;
  for (const field of ['message', 'error', 'msg']) if (typeof error[field] === 'string') return error[field];
  return '';
}

/** Pinecone's gateway refuses in plain text (401, 403, 429: `RpcStatus`, API version 2026-07); a page says nothing. */
function plainText(response: Response, text: string): string {
  return response.headers.get('content-type')?.startsWith('text/plain') ? text : '';
}

/** `fetch failed` says nothing; the error below it names what happened. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return rootOf(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message.includes(code) ? error.message : `${code} ${error.message}`;
}
