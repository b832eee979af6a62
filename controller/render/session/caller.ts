import type { FastifyRequest } from 'fastify';
import { sessionIdOf } from './sessionCookie.ts';
import type { SessionStore } from './sessionStore.ts';
import type { TokenGate, Verdict } from './tokenGate.ts';

/** What tells who calls, where whoever calls has to be somebody. */
export interface Access {
  readonly gate: TokenGate;
  readonly sessions: SessionStore;
}

/** `bearer`: has the token. `session`: a browser in which it was given. */
export type Caller =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'stranger' }
  | { readonly kind: 'session'; readonly id: string }
  | Extract<Verdict, { kind: 'wait' }>;

/** A token that was sent decides alone; who sends anything else as Authorization is a stranger. */
export async function callerOf(request: FastifyRequest, { gate, sessions }: Access): Promise<Caller> {
  const { authorization = '' } = request.headers;
  if (authorization !== '') {
    const token = /^bearer +([^ ]+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { kind: 'stranger' };
    const verdict = await gate.judge(request, token);
    if (verdict.kind === 'wait') return verdict;
    return { kind: verdict.kind === 'right' ? 'bearer' : 'stranger' };
  }
  const id = sessionIdOf(request);
  return id !== undefined && sessions.use(id) ? { kind: 'session', id } : { kind: 'stranger' };
}
