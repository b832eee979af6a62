import { oneLine } from '../../../common/oneLine.ts';
import { http, https } from './builtinHttp.ts';
import { ApiError, type KubeQuery } from './kubeApi.ts';
import type { Line } from './currentLine.ts';
import type { RawAnswer } from './readAnswer.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: KubeQuery;
  readonly body?: { readonly json: object; readonly type: string };
  /** Ends the call and the reading of its answer. */
  readonly signal: AbortSignal;
  /** Asked at the last moment before the call goes out; where it says no, NotSent is thrown. */
  readonly maySend?: () => boolean;
}

/** A call that was not to be made any more when its turn came. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/**
 * Sends one request and answers with the head and the unread body. Throws ApiError where no answer came, and the
 * signal's reason where it was aborted. Redirects are answers: a token must not travel with them.
 */
export async function send(call: Call, line: Line, userAgent: string): Promise<RawAnswer> {
  try {
    return await sendOnce(call, line, userAgent);
  } catch (error) {
    call.signal.throwIfAborted();
    if (error instanceof NotSent) throw error;
    if (error instanceof StaleConnection) return send(call, line, userAgent);
    throw brokenExchange(error, call);
  }
}

/** `GET /api/v1/pods`, for messages; the query may be long and says little. */
export function nameOf({ method, path }: Pick<Call, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The ApiError that a broken exchange amounts to; what is one already is kept. */
export function brokenExchange(error: unknown, call: Pick<Call, 'method' | 'path'>): ApiError {
  if (error instanceof ApiError) return error;
  const message = `${nameOf(call)}: ${oneLine(wordsOf(error))}`;
  return new ApiError({ status: 0, reason: 'Unreachable', message }, error);
}

/** A kept connection was closed just when we used it, as Node's http documents: a read is sent again, on another. */
class StaleConnection extends Error {}

async function sendOnce(call: Call, { access, agent }: Line, userAgent: string): Promise<RawAnswer> {
  const { method, query, body, signal, maySend } = call;
  const server = new URL(access.server);
  const text = body && JSON.stringify(body.json);
  return new Promise((resolve, reject) => {
    const request = (server.protocol === 'http:' ? http : https).request({
      agent,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      ...(access.tls.servername !== undefined && { servername: access.tls.servername }),
      path: `${server.pathname.replace(/\/$/, '')}${call.path}${queryText(query)}`,
      method,
      headers: {
        ...access.headers,
        'user-agent': userAgent,
        accept: 'application/json',
        ...(text !== undefined && { 'content-type': body?.type, 'content-length': Buffer.byteLength(text) }),
      },
      signal,
    });
    request.on('response', (answer) =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer }),
    );
    request.on('error', (error) => {
      const stale = request.reusedSocket && codeOf(error) === 'ECONNRESET' && method === 'GET';
      reject(stale ? new StaleConnection() : error);
    });
    const go = (): void => {
      if (maySend?.() === false) request.destroy(new NotSent(`${nameOf(call)}: it was too late for it`));
      else request.end(text);
    };
    // A process that is stopped while its call waits for a connection goes on with it whenever it wakes up.
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once(server.protocol === 'http:' ? 'connect' : 'secureConnect', go);
      else go();
    });
  });
}

function queryText(query: KubeQuery | undefined): string {
  if (query === undefined) return '';
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `?${new URLSearchParams(pairs).toString()}`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The words of an error; of several tries (IPv6 and IPv4) those of the first. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return wordsOf(error.errors[0]);
  const code = codeOf(error);
  return error.message.includes(code) ? error.message : `${code} ${error.message}`;
}
