import type { FastifyInstance } from 'fastify';
import type { ResourceStore } from '../../resources/resourceStore.ts';
import { EVENTS } from '../events/eventRoute.ts';
import { PROBLEM } from '../schemas.ts';
import type { Metrics } from './metrics.ts';
import type { StageEndings } from './stageEndings.ts';

/** Measures the requests of the routes that are registered after it, and serves what was measured. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { url = '' } = request.routeOptions;
    // A stream lasts as long as its client.
    if (url !== EVENTS)
      metrics.requestEnded(
        { method: request.method, route: url, code: reply.statusCode },
        reply.elapsedTime / 1000,
      );
    done();
  });
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'What Prometheus reads',
        tags: ['about'],
        response: {
          200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
          default: PROBLEM,
        },
      },
    },
    async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** Counts the stages that end. Each change of a video may be the end of one. Returns how to stop it. */
export function countStages(videos: ResourceStore, endings: StageEndings, metrics: Metrics): () => void {
  return videos.subscribe(({ type, video: { metadata } }) => {
    for (const ending of endings.of(metadata.uid)) metrics.stageEnded(ending);
    if (type === 'DELETED') endings.forget(metadata.uid);
  });
}
