import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../config.ts';
import { callerOf, type Access } from '../session/caller.ts';
import { isFromForeignPage, isFromOwnPage, isSafe } from '../session/origin.ts';
import { refuse, TOO_MANY, UNAUTHORIZED, type Refusal } from './refuse.ts';

export interface GuardOptions {
  /** Undefined: nobody is asked. */
  readonly access: Access | undefined;
  /** Listens to this machine alone. */
  readonly loopbackOnly: boolean;
}

/**
 * Routes for all: the page, which holds nothing until somebody signs in; signing in; and whether the process lives and is
 * ready, asked by whoever runs it. By route, not by path: whatever is written in a path, what is not one of these is asked.
 */
const OPEN_ROUTES = new Set(['/', '/api/session', '/healthz', '/readyz']);

const FOREIGN: Refusal = {
  code: 403,
  reason: 'Forbidden',
  message: 'Forbidden: asked by a page of another site',
};

/**
 * Who may call. With a token: whoever has it, and pages of ours in a browser that signed in with it. Without: programs and
 * pages of this very machine; a page from elsewhere that runs in its browser, under a name of its own that it leads here, or
 * by a form, is refused.
 */
export function guard(app: FastifyInstance, { access, loopbackOnly }: GuardOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const refusal = access ? await refusalFor(request, reply, access) : foreign(request, loopbackOnly);
    if (refusal) await refuse(request, reply, refusal);
  });
}

async function refusalFor(
  request: FastifyRequest,
  { raw }: FastifyReply,
  access: Access,
): Promise<Refusal | undefined> {
  if (isOpen(request)) return isSafe(request) || !isFromForeignPage(request) ? undefined : FOREIGN;
  const caller = await callerOf(request, access);
  if (caller.kind === 'bearer') return undefined;
  if (caller.kind === 'wait') return TOO_MANY(caller.seconds);
  if (caller.kind === 'stranger') return UNAUTHORIZED();
  // A browser sends the cookie for whoever makes it ask; SameSite alone would let other ports and sibling hosts.
  if (!isSafe(request) && !isFromOwnPage(request)) return FOREIGN;
  raw.once(
    'close',
    access.sessions.onEnd(caller.id, () => raw.destroy()),
  );
  return undefined;
}

function isOpen({ routeOptions: { url = '' } }: FastifyRequest): boolean {
  return OPEN_ROUTES.has(url) || url.startsWith('/page/');
}

function foreign(request: FastifyRequest, loopbackOnly: boolean): Refusal | undefined {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '');
  return (loopbackOnly && !isLoopback(name)) || isFromForeignPage(request) ? FOREIGN : undefined;
}
