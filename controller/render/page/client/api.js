/** @import { AddResult, Detail, SearchAnswer, Session, Summary, Transcript, VideoKey, VideoList } from './contract.d.ts' */

/**
 * An answer that is not what was asked for. `status` is 0 where the server could not be reached.
 */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message for people
   * @param {{ reason?: string | undefined, retryAfterSeconds?: number | undefined, cause?: unknown }} [more]
   */
  constructor(status, message, { reason, retryAfterSeconds, cause } = {}) {
    super(message, { cause });
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** @type {Set<() => void>} */
const onSignedOut = new Set();

/**
 * Told whenever the server wants to be given the token.
 *
 * @param {() => void} listener
 */
export function whenSignedOut(listener) {
  onSignedOut.add(listener);
}

/**
 * Asks the server and gives the body of its answer, undefined where there is none. Throws ApiError, and what the signal
 * is aborted with.
 *
 * @template T what the server documents for this request
 * @param {string} path
 * @param {{ method?: string, body?: object, signal?: AbortSignal }} [options]
 * @returns {Promise<T>}
 */
async function ask(path, { method = 'GET', body, signal } = {}) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, 'The server could not be reached. Check your connection, then try again.', {
      cause,
    });
  }
  const text = await response.text();
  const answer = parse(text);
  // oxlint-disable-next-line no-unsafe-type-assertion -- the page and what it asks are of one release
  if (response.ok) return /** @type {T} */ (answer);
  if (response.status === 401 && path !== '/api/session') for (const listener of onSignedOut) listener();
  throw failureOf(response, answer);
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function parse(text) {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {Response} response
 * @param {unknown} answer problem details (RFC 9457), or anything that stands before the server
 */
function failureOf(response, answer) {
  const fields = /** @type {{ detail?: unknown, title?: unknown, reason?: unknown }} */ (
    typeof answer === 'object' && answer !== null ? answer : {}
  );
  const detail = textIn(fields.detail) ?? textIn(fields.title);
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(response.status, detail ?? `The server answered with status ${response.status}.`, {
    reason: textIn(fields.reason),
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

/** @param {unknown} value */
function textIn(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @param {VideoKey} key */
export function videoPath({ namespace, name }) {
  return `/api/videos/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** What the page asks; see `/api/openapi.json`. */
export const api = {
  /** @returns {Promise<Session>} */
  session: () => ask('/api/session'),

  /**
   * @param {string} token
   * @returns {Promise<void>}
   */
  signIn: (token) => ask('/api/session', { method: 'POST', body: { token } }),

  /** @returns {Promise<void>} */
  signOut: () => ask('/api/session', { method: 'DELETE' }),

  /**
   * @param {{ limit: number, phase?: string | undefined, page?: string | undefined, signal?: AbortSignal }} options
   * @returns {Promise<VideoList>}
   */
  list({ limit, phase, page, signal }) {
    const query = new URLSearchParams({ limit: String(limit) });
    if (phase !== undefined) query.set('phase', phase);
    if (page !== undefined) query.set('continue', page);
    return ask(`/api/videos?${query}`, { ...(signal && { signal }) });
  },

  /**
   * @param {readonly string[]} links at most 100
   * @returns {Promise<{ readonly results: readonly AddResult[] }>}
   */
  add: (links) => ask('/api/videos', { method: 'POST', body: { links } }),

  /**
   * @param {VideoKey} key
   * @param {AbortSignal} signal
   * @returns {Promise<Detail>}
   */
  video: (key, signal) => ask(videoPath(key), { signal }),

  /**
   * @param {VideoKey} key
   * @param {AbortSignal} signal
   * @returns {Promise<Transcript>}
   */
  transcript: (key, signal) => ask(`${videoPath(key)}/transcript.json`, { signal }),

  /**
   * @param {VideoKey} key
   * @returns {Promise<Summary>}
   */
  retry: (key) => ask(`${videoPath(key)}/retry`, { method: 'POST' }),

  /**
   * @param {VideoKey} key
   * @returns {Promise<Summary>}
   */
  remove: (key) => ask(videoPath(key), { method: 'DELETE' }),

  /**
   * @param {{ query: string, wait: boolean, signal: AbortSignal }} options
   * @returns {Promise<SearchAnswer>}
   */
  search({ query, wait, signal }) {
    const parameters = new URLSearchParams({ q: query, limit: '10', wait: String(wait) });
    return ask(`/api/search?${parameters}`, { signal });
  },
};
