import type { FastifyPluginCallback } from 'fastify';
import type { Clock } from '../../../common/clock.ts';

export interface SessionsOptions {
  /** Undefined: nobody is asked. */
  readonly apiToken: string | undefined;
  readonly clock: Clock;
}

/** `/api/session`: the token is given once, and a cookie stands for it from there on. */
export const sessions: FastifyPluginCallback<SessionsOptions> = (_app, _options, done) => {
  done();
};
