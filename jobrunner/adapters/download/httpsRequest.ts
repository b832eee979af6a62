import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { oneLine } from '../../../common/oneLine.ts';
import { abortError, StageError } from '../../contract/stageError.ts';

const LARGEST_ANSWER = 2 * 1024 * 1024;

export interface Question {
  readonly url: string;
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly json?: unknown;
  readonly bearer?: string;
  readonly signal: AbortSignal;
}

/**
 * Asks Loom over HTTPS through the proxy and with the extra authority that the environment names (HTTPS_PROXY,
 * NO_PROXY, SSL_CERT_FILE), as yt-dlp does. Redirects are not followed: a key must not travel with them.
 */
export class HttpsClient {
  readonly #agent: Agent;

  constructor(env: NodeJS.ProcessEnv) {
    const extra = env['SSL_CERT_FILE'];
    this.#agent = new Agent({
      proxyEnv: env,
      ...(extra !== undefined && extra !== '' && { ca: [...rootCertificates, readFileSync(extra, 'utf8')] }),
    });
  }

  /** The answer's text. Throws StageError on anything but a 200. */
  async ask(question: Question): Promise<string> {
    const { status, text } = await this.#exchange(question).catch((error: unknown) => {
      if (question.signal.aborted) throw abortError(question.signal);
      throw new StageError('DownloadFailed', `Loom cannot be reached: ${oneLine(String(error))}`, {
        cause: error,
      });
    });
    if (status === 429) throw new StageError('RateLimited', 'Loom answered "too many requests" (429).');
    if (status >= 500) throw new StageError('LoomUnavailable', `Loom answered with status ${status}.`);
    if (status === 401 || status === 403)
      throw new StageError('DownloadForbidden', `Loom answered with status ${status}.`);
    if (status !== 200) throw new StageError('DownloadFailed', `Loom answered with status ${status}.`);
    return text;
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange({ url, json, bearer, signal }: Question): Promise<{ status: number; text: string }> {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const request = httpsRequest(url, {
      agent: this.#agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: body === undefined ? 'text/html' : 'application/json',
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      signal,
      timeout: 10_000,
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 10 s')));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > LARGEST_ANSWER) request.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end(body);
    return promise;
  }
}
