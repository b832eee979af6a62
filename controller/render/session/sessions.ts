import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from '../../../common/json.ts';
import { refuse, TOO_MANY, UNAUTHORIZED, type Refusal } from '../runtime/refuse.ts';
import { callerOf, type Access } from './caller.ts';
import { sendCookie, sessionIdOf } from './sessionCookie.ts';

export interface SessionsOptions {
  /** Undefined: nobody is asked. */
  readonly access: Access | undefined;
}

/** Bytes: a token has 1024 characters at most. */
const BODY_LIMIT = 4096;

const NO_TOKEN: Refusal = {
  code: 400,
  reason: 'BadRequest',
  message: 'The body is to be {"token": "…"}, as JSON.',
};

/**
 * `/api/session`: the token is given once, and a cookie stands for it from there on. Open to all; requests of other sites'
 * pages do not get here (see guard).
 */
export const sessions: FastifyPluginCallback<SessionsOptions> = (app, { access }, done) => {
  app.get('/api/session', (request) => standing(request, access));
  app.post('/api/session', { bodyLimit: BODY_LIMIT }, (request, reply) => signIn(request, reply, access));
  app.delete('/api/session', (request, reply) => {
    const id = sessionIdOf(request);
    if (id !== undefined) access?.sessions.end(id);
    sendCookie(request, reply, undefined);
    return reply.code(204).send();
  });
  done();
};

async function standing(
  request: FastifyRequest,
  access: Access | undefined,
): Promise<{ required: boolean; authenticated: boolean }> {
  if (!access) return { required: false, authenticated: true };
  const { kind } = await callerOf(request, access);
  return { required: true, authenticated: kind === 'bearer' || kind === 'session' };
}

async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access | undefined,
): Promise<FastifyReply> {
  if (!access) return reply.code(204).send();
  const token = isObject(request.body) ? request.body['token'] : undefined;
  if (typeof token !== 'string') return refuse(request, reply, NO_TOKEN);
  const verdict = await access.gate.judge(request, token);
  if (verdict.kind === 'wait') return refuse(request, reply, TOO_MANY(verdict.seconds));
  if (verdict.kind === 'wrong') return refuse(request, reply, UNAUTHORIZED('This is not the token.'));
  // A browser has one session: that of before is not left behind.
  const before = sessionIdOf(request);
  if (before !== undefined) access.sessions.end(before);
  sendCookie(request, reply, access.sessions.create());
  return reply.code(204).send();
}
