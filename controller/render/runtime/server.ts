import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from '../../../common/log.ts';
import { resourceApi } from '../api/resourceApi.ts';
import { isLoopback, type RenderConfig } from '../config.ts';
import { manifestsApi } from '../manifests/manifestsApi.ts';
import type { ManifestsStatus } from '../manifests/status.ts';
import { page } from '../page/page.ts';
import { programApi, type ProgramApiOptions } from '../program/programApi.ts';
import type { Access } from '../session/caller.ts';
import { useCookies } from '../session/sessionCookie.ts';
import { sessions } from '../session/sessions.ts';
import { SessionStore } from '../session/sessionStore.ts';
import { tokenGate } from '../session/tokenGate.ts';
import { isRenderProxy } from '../session/trustedProxy.ts';
import { answerHeaders, completeHeaders } from './answerHeaders.ts';
import {
  boundConnections,
  CONNECTION_LIMITS,
  connectionOptions,
  type ConnectionLimits,
} from './connections.ts';
import { guard } from './guard.ts';
import { NOT_FOUND, refusalOf, refusalOfUrl, refuse } from './refuse.ts';

/** Bytes of a body, where a route says nothing else: a hundred links take a tenth. */
const BODY_LIMIT = 256 * 1024;
/** Characters of one part of a path: a name has 253, and each may be percent-encoded. */
const MAX_PARAMETER = 3 * 253;

export interface ServerOptions extends ProgramApiOptions {
  readonly config: Pick<RenderConfig, 'host' | 'apiToken'> & Partial<Pick<RenderConfig, 'onRender'>>;
  readonly log: Logger;
  /** Whether videos are being looked after. */
  readonly isReady: () => boolean;
  /** Undefined: there is no folder of manifests. */
  readonly manifests?: (() => ManifestsStatus) | undefined;
  readonly limits?: ConnectionLimits;
}

/** The server of Render mode, not yet listening: the resource API, the program API and the page, for those who may ask. */
export function buildServer({
  config,
  log,
  isReady,
  manifests,
  limits = CONNECTION_LIMITS,
  ...options
}: ServerOptions): FastifyInstance {
  const { resources, clock } = options;
  const { host, apiToken, onRender = false } = config;
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    ...connectionOptions(limits),
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAMETER },
    // Elsewhere nobody is known to stand before us who could be believed.
    trustProxy: onRender && isRenderProxy,
    // What is idle is cut when it closes; watches end by themselves.
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      completeHeaders(reply);
      void refuse(request, reply, refusalOfUrl(error));
    },
  });
  boundConnections(app, limits);
  answerHeaders(app);
  useCookies(app);
  const access: Access | undefined =
    apiToken === undefined
      ? undefined
      : { gate: tokenGate(app, apiToken, clock), sessions: new SessionStore(clock) };
  guard(app, { access, loopbackOnly: isLoopback(host) });
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.code >= 500) request.log.error({ err: error }, 'A request failed');
    return refuse(request, reply, refusal);
  });
  app.setNotFoundHandler((request, reply) => refuse(request, reply, NOT_FOUND));
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok'));
  app.get('/readyz', (_request, reply) =>
    isReady()
      ? reply.type('text/plain').send('ok')
      : reply.code(503).type('text/plain').send('starting or stopping'),
  );
  void app.register(sessions, { access });
  void app.register(resourceApi, { resources });
  void app.register(manifestsApi, { status: manifests });
  void app.register(programApi, options);
  void app.register(page);
  return app;
}
