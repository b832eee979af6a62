import { readFileSync } from 'node:fs';
import { fastifySwagger } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { OUTSIDE_PATHS } from './outsidePaths.ts';
import { PROBLEM } from './schemas.ts';

/** Serves the OpenAPI document of the routes that are registered after it, made of their schemas when it is first asked for. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'LoomVideo',
        version: versionOfPackage(),
        description:
          'Makes Loom recordings searchable to the second. Errors are problems of RFC 9457 (application/problem+json). The ' +
          'same videos as Kubernetes resources are at /apis/qudemo.dev/v1alpha1.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      // Where the server has no token nobody is asked.
      security: [{ token: [] }, {}],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, place) => {
        const id: unknown = json['$id'];
        return typeof id === 'string' ? id : `def-${place}`;
      },
    },
  });
  let text: string | undefined;
  app.get(
    '/api/openapi.json',
    {
      schema: {
        operationId: 'describe',
        summary: 'This document',
        tags: ['about'],
        response: {
          200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: {} } } },
          default: PROBLEM,
        },
      },
    },
    (_request, reply) => {
      text ??= JSON.stringify(wholeDocument(app));
      return reply.type('application/json').serializer(asItIs).send(text);
    },
  );
}

function wholeDocument(app: FastifyInstance): object {
  const document = app.swagger();
  return { ...document, paths: { ...document.paths, ...OUTSIDE_PATHS } };
}

function asItIs(text: unknown): string {
  return String(text);
}

function versionOfPackage(): string {
  const path = new URL('../../../package.json', import.meta.url);
  // oxlint-disable-next-line no-unsafe-type-assertion -- our own file
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
