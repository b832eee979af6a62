import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problem.ts';

/** Registered before the routes: what is asked for under `/api/` and is not there, or not in this way, is a problem. */
export function answerUnknown(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const of = methods.get(url) ?? new Set();
    methods.set(url, of);
    for (const one of typeof method === 'string' ? [method] : method) of.add(one);
  });
  app.all('/api/*', { schema: { hide: true } }, (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = [...methods].find(([url]) => url !== '/api/*' && matches(url, path))?.[1];
    if (!allowed)
      throw new ProblemError(404, 'NotFound', 'There is nothing at this path: see /api/openapi.json.');
    const allow = [...allowed].join(', ');
    void reply.header('allow', allow);
    throw new ProblemError(405, 'MethodNotAllowed', `${request.method} is not for this path; ${allow} is.`);
  });
}

/** Whether a route's pattern, such as `/api/videos/:namespace/:name`, is of this path. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, place) => part.startsWith(':') || part === given[place])
  );
}
