import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answer, statusOf } from '../api/answer.ts';
import { isLoopback } from '../config.ts';
import { ResourceFailure } from '../resources/failure.ts';

export interface GuardOptions {
  /** Undefined: nobody is asked. */
  readonly apiToken: string | undefined;
  /** Listens to this machine alone. */
  readonly loopbackOnly: boolean;
}

/** Asked by whoever runs the process, who has no token; says nothing but that it lives. */
const OPEN_PATHS = new Set(['/healthz']);

/**
 * Who may call. With a token: whoever has it. Without: programs and pages of this very machine; a page from elsewhere that
 * runs in its browser, under a name of its own that it leads here, or by a form, is refused.
 */
export function guard(app: FastifyInstance, { apiToken, loopbackOnly }: GuardOptions): void {
  const expected = apiToken === undefined ? undefined : digest(`Bearer ${apiToken}`);
  app.addHook('onRequest', async (request, reply) => {
    if (OPEN_PATHS.has(pathOf(request))) return;
    if (expected) {
      if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
      void reply.header('www-authenticate', 'Bearer');
      await refuse(new ResourceFailure(401, 'Unauthorized', 'Unauthorized'));
    } else if (isForeign(request, loopbackOnly))
      await refuse(new ResourceFailure(403, 'Forbidden', 'Forbidden: asked by a page of another site'));

    async function refuse(failure: ResourceFailure): Promise<void> {
      const { code, status } = statusOf(failure);
      await answer(reply, { encoding: 'json' }, status, code);
    }
  });
}

function isForeign({ headers }: FastifyRequest, loopbackOnly: boolean): boolean {
  const host = headers.host ?? '';
  if (loopbackOnly && !isLoopback(host.replace(/:\d+$/, ''))) return true;
  const { origin } = headers;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}

/** Of one length, whatever was sent: what is compared in constant time has to be. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
