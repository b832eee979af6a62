import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../problem.ts';
import { EVENTS_QUERY, PROBLEM } from '../schemas.ts';
import type { EventHub } from './eventHub.ts';

export const EVENTS = '/api/events';

interface EventsRequest {
  readonly Querystring: { after?: string; namespace?: string };
}

export function serveEvents(app: FastifyInstance, hub: EventHub): void {
  app.get<EventsRequest>(
    EVENTS,
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'followEvents',
        summary: 'Changes and progress of videos as Server-Sent Events',
        description:
          'Events: `video` (a Summary; id is its resourceVersion), `deleted` ({ namespace, name, uid }), `progress` ' +
          '({ namespace, name, uid?, progress: Progress | null }), `reset` ({ resourceVersion }): what was missed is not ' +
          'known any more, list again. `Last-Event-ID`, or else `?after=`, says from where on; without, from now on.',
        tags: ['events'],
        querystring: EVENTS_QUERY,
        response: {
          200: { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
          default: PROBLEM,
        },
      },
    },
    async (request, reply) => {
      if (hub.isFull)
        throw new ProblemError(
          503,
          'TooManyStreams',
          'Too many clients follow the events: try again later.',
          {
            retryAfterSeconds: 10,
          },
        );
      const { after, namespace } = request.query;
      const place = placeOf(request) ?? (after === undefined ? undefined : Number(after));
      reply.hijack();
      const { raw } = reply;
      // It may be silent between two signs of life: the limits on silence are for others.
      raw.setTimeout(0);
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        // Nothing comes after it: a server that stops need not wait for the next request.
        connection: 'close',
        // For proxies of nginx' kind: an event is worth nothing in a buffer.
        'x-accel-buffering': 'no',
      });
      raw.flushHeaders();
      try {
        await hub.serve(raw, { after: place, ...(namespace !== undefined && { namespace }) });
      } catch (error) {
        request.log.error({ err: error }, 'A stream of events failed');
      }
    },
  );
}

/** Where the client was when it was cut off. What is no place of ours is a place that is long forgotten. */
function placeOf({ headers }: FastifyRequest): number | undefined {
  const last = headers['last-event-id'];
  if (last === undefined || last === '') return undefined;
  return typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : Number.MAX_SAFE_INTEGER;
}
