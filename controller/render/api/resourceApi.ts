import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { systemClock, type Clock } from '../../../common/clock.ts';
import type { Resources } from '../resources/openResources.ts';
import { answer, statusOf } from './answer.ts';
import { serveCore } from './core.ts';
import { serveDiscovery } from './discovery.ts';
import { serveOpenApi } from './openapi.ts';
import { missing, serveVideos } from './videos.ts';

export interface ResourceApiOptions {
  readonly resources: Resources;
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Bytes of a body: a LoomVideo with the most annotations that it may have takes a third. */
const BODY_LIMIT = 1024 * 1024;

/**
 * The Kubernetes API of the LoomVideos, for `kubectl --server`: to be registered without a prefix. Serves `/version`,
 * `/openapi/…`, `/api`, `/api/v1/…`, `/apis` and `/apis/…`, with content types, errors and a body limit of its own; who
 * may call is for hooks of the server around it.
 */
export const resourceApi: FastifyPluginCallback<ResourceApiOptions> = (app, options, done) => {
  const { resources, clock = systemClock, random = Math.random } = options;
  const closing = new AbortController();
  takeAnyBody(app);
  app.setErrorHandler((error, request, reply) => {
    const { code, status } = statusOf(error);
    if (code === 500) request.log.error({ err: error }, 'The resource API failed');
    return answer(reply, { encoding: 'json' }, status, code);
  });
  app.addHook('preClose', (closed) => {
    closing.abort();
    closed();
  });
  serveDiscovery(app, resources.videos.crd);
  serveOpenApi(app, resources.videos.crd);
  serveCore(app, resources);
  serveVideos(app, { videos: resources.videos, clock, random, closing: closing.signal });
  for (const url of ['/api/v1/*', '/apis/*', '/openapi/*'])
    app.all(url, () => {
      throw missing();
    });
  done();
};

/** Bodies are read by whoever knows what they are to be: see readBody. */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_LIMIT }, (_request, body, parsed) => {
    parsed(null, body);
  });
}
