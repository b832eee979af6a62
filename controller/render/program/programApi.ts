import type { FastifyPluginCallback } from 'fastify';
import type { Clock } from '../../../common/clock.ts';
import type { MemorySource } from '../../../common/memory/source.ts';
import type { SearchDependencies } from '../../../jobrunner/search/search.ts';
import type { Resources } from '../resources/openResources.ts';
import type { ProgressBoard } from '../runtime/progress.ts';
import type { RunsOf } from '../runtime/runHistory.ts';

export interface ProgramApiOptions {
  readonly resources: Resources;
  /** The stores and the embedder of the configured services. */
  readonly search: SearchDependencies;
  readonly board: ProgressBoard;
  readonly runsOf: RunsOf;
  readonly memory: MemorySource;
  readonly clock: Clock;
}

/** HTTP for programs and for the page: videos, transcripts, search, events and metrics under `/api` and `/metrics`. */
export const programApi: FastifyPluginCallback<ProgramApiOptions> = (_app, _options, done) => {
  done();
};
