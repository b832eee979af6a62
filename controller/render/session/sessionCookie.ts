import cookies from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LIFETIME_MS } from './sessionStore.ts';

/** Cookies are read where one is looked for: not of each request. */
export function useCookies(app: FastifyInstance): void {
  void app.register(cookies, { hook: false });
}

/** The session's id as the browser sent it. */
export function sessionIdOf(request: FastifyRequest): string | undefined {
  const { cookie } = request.headers;
  return cookie === undefined ? undefined : request.server.parseCookie(cookie)[nameFor(request)];
}

/** An id of undefined takes the cookie away. */
export function sendCookie(request: FastifyRequest, reply: FastifyReply, id: string | undefined): void {
  const text = request.server.serializeCookie(nameFor(request), id ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isHttps(request),
    maxAge: id === undefined ? 0 : LIFETIME_MS / 1000,
  });
  void reply.header('set-cookie', text);
}

/** Over HTTPS the prefix keeps other hosts and plain HTTP from setting it (RFC 6265bis, 4.1.3.2). */
function nameFor(request: FastifyRequest): string {
  return isHttps(request) ? '__Host-loomvideo' : 'loomvideo';
}

/** As any proxy says it: whoever makes that up has but a cookie of their own that browsers keep from plain HTTP. */
function isHttps({ headers, protocol }: FastifyRequest): boolean {
  const forwarded = headers['x-forwarded-proto'];
  return protocol === 'https' || (typeof forwarded === 'string' && /^https\s*(,|$)/i.test(forwarded));
}
