import type { FastifyRequest } from 'fastify';

/** Methods that change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isSafe({ method }: FastifyRequest): boolean {
  return SAFE.has(method);
}

/** A browser says that a page of ours asks. Programs say nothing of the kind. */
export function isFromOwnPage(request: FastifyRequest): boolean {
  return siteOf(request) === 'own';
}

/** A browser says that a page of somebody else's asks; following a link from there is none of this. */
export function isFromForeignPage(request: FastifyRequest): boolean {
  return siteOf(request) === 'foreign';
}

/**
 * Sec-Fetch-Site (Fetch Metadata, W3C) where there is one, since no proxy in between changes it; browsers send it over HTTPS
 * and to this machine. Origin elsewhere: it is there with all methods that change something.
 */
function siteOf({ headers, method }: FastifyRequest): 'own' | 'foreign' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return 'own';
  if (site === 'none') return 'unknown';
  if (site !== undefined)
    return method === 'GET' &&
      headers['sec-fetch-mode'] === 'navigate' &&
      headers['sec-fetch-dest'] === 'document'
      ? 'unknown'
      : 'foreign';
  const { origin, host } = headers;
  if (origin === undefined) return 'unknown';
  return origin === `http://${host}` || origin === `https://${host}` ? 'own' : 'foreign';
}
