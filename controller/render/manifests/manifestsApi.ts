import type { FastifyPluginCallback } from 'fastify';
import type { ManifestsStatus } from './status.ts';

export interface ManifestsApiOptions {
  /** Undefined: there is no folder of manifests. */
  readonly status: (() => ManifestsStatus) | undefined;
}

/** `/api/manifests`: how the folder's files stand, each with its errors; `{ "files": [] }` where there is no folder. */
export const manifestsApi: FastifyPluginCallback<ManifestsApiOptions> = (app, { status }, done) => {
  app.get('/api/manifests', () => status?.() ?? { files: [] });
  done();
};
