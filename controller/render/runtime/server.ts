import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from '../../../common/log.ts';
import { answer, statusOf } from '../api/answer.ts';
import { resourceApi } from '../api/resourceApi.ts';
import { isLoopback, type RenderConfig } from '../config.ts';
import { page } from '../page/page.ts';
import { programApi, type ProgramApiOptions } from '../program/programApi.ts';
import { ResourceFailure } from '../resources/failure.ts';
import { sessions } from '../session/sessions.ts';
import { guard } from './guard.ts';

/** For a request to arrive whole, milliseconds: the largest takes a second on a slow line. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface ServerOptions extends ProgramApiOptions {
  readonly config: Pick<RenderConfig, 'host' | 'apiToken'>;
  readonly log: Logger;
  /** Whether videos are being looked after. */
  readonly isReady: () => boolean;
}

/** The server of Render mode, not yet listening: the resource API, the program API and the page, for those who may ask. */
export function buildServer({ config, log, isReady, ...options }: ServerOptions): FastifyInstance {
  const { resources, clock } = options;
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What is idle is cut when it closes; watches end by themselves.
    forceCloseConnections: 'idle',
  });
  guard(app, { apiToken: config.apiToken, loopbackOnly: isLoopback(config.host) });
  app.setNotFoundHandler((_request, reply) => {
    const { code, status } = statusOf(
      new ResourceFailure(404, 'NotFound', 'the server could not find the requested resource'),
    );
    return answer(reply, { encoding: 'json' }, status, code);
  });
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok'));
  app.get('/readyz', (_request, reply) =>
    isReady()
      ? reply.type('text/plain').send('ok')
      : reply.code(503).type('text/plain').send('starting or stopping'),
  );
  void app.register(sessions, { apiToken: config.apiToken, clock });
  void app.register(resourceApi, { resources });
  void app.register(programApi, options);
  void app.register(page);
  return app;
}
