import type { FastifyInstance } from 'fastify';
import { buildServer } from '../../controller/render/runtime/server.ts';
import { NO_MEMORY, programWorld, type ProgramWorld } from '../unit/render/program/programWorld.ts';

/** The whole server of Render mode over a store of its own, without a token: all that the network can reach. */
export async function serverWorld(t: {
  after(work: () => unknown): void;
}): Promise<Omit<ProgramWorld, 'app'> & { readonly app: FastifyInstance }> {
  const world = await programWorld(t);
  const { search, board, runs, clock } = world;
  const app = buildServer({
    config: { host: '127.0.0.1', apiToken: undefined },
    isReady: () => true,
    resources: world,
    log: search.log,
    search,
    board,
    runsOf: (uid) => runs.get(uid) ?? [],
    memory: NO_MEMORY,
    clock,
  });
  t.after(() => app.close());
  return { ...world, app };
}
