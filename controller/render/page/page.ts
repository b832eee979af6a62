import type { FastifyPluginCallback } from 'fastify';

/** The web page: `/` and what it is made of under `/page/`. */
export const page: FastifyPluginCallback = (_app, _options, done) => {
  done();
};
