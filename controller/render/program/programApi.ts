import { Ajv } from 'ajv';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Clock } from '../../../common/clock.ts';
import type { MemorySource } from '../../../common/memory/source.ts';
import type { SearchDependencies } from '../../../jobrunner/search/search.ts';
import type { Resources } from '../resources/openResources.ts';
import type { ProgressBoard } from '../runtime/progress.ts';
import type { RunsOf } from '../runtime/runHistory.ts';
import { EventHub } from './events/eventHub.ts';
import { serveEvents } from './events/eventRoute.ts';
import { Metrics } from './metrics/metrics.ts';
import { countStages, serveMetrics } from './metrics/metricsRoute.ts';
import { StageEndings } from './metrics/stageEndings.ts';
import { answerUnknown } from './unknownRequests.ts';
import { describeRoutes } from './openapi.ts';
import { sendProblem, toProblem, unsupportedMediaType } from './problem.ts';
import { SHAPES } from './schemas.ts';
import { Highlighter } from './search/highlights.ts';
import { QueryVectors } from './search/queryVectors.ts';
import { serveSearch } from './search/searchRoute.ts';
import { Workload } from './search/workload.ts';
import { storedChapters } from './transcripts/storedChapters.ts';
import { serveTranscripts } from './transcripts/transcriptRoutes.ts';
import { VideoIndex } from './videos/videoIndex.ts';
import { serveVideos } from './videos/videoRoutes.ts';

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
export const programApi: FastifyPluginAsync<ProgramApiOptions> = async (app, options) => {
  const { resources, search, board, runsOf, memory, clock } = options;
  const { videos } = resources;
  const index = new VideoIndex(videos);
  const highlighter = new Highlighter();
  const hub = new EventHub({ videos, board });
  const workload = new Workload(board);
  const queries = new QueryVectors({ embedder: search.embedder, workload, log: search.log });
  const metrics = new Metrics({
    memory,
    phases: () => index.phases,
    eventStreams: () => hub.size,
  });
  const countNoMore = countStages(videos, new StageEndings(runsOf, clock.now()), metrics);
  app.addHook('preClose', (closed) => {
    hub.close();
    closed();
  });
  app.addHook('onClose', (_app, closed) => {
    countNoMore();
    queries.close();
    for (const part of [index, highlighter, workload, metrics]) part.close();
    closed();
  });
  speakJson(app);
  answerUnknown(app);
  await describeRoutes(app);
  serveMetrics(app, metrics);
  serveVideos(app, {
    videos,
    index,
    board,
    runsOf,
    clock,
    chaptersOf: storedChapters(search.records, search.log),
  });
  serveTranscripts(app, { videos, records: search.records });
  serveSearch(app, {
    search,
    queries,
    highlighter,
    exists: (key) => videos.get(key) !== undefined,
    onEnd: (ranking, seconds) => metrics.searchEnded(ranking, seconds),
  });
  serveEvents(app, hub);
};

/** Requests are judged and errors worded as this API does, whatever the server around it does. */
function speakJson(app: FastifyInstance): void {
  for (const [name, shape] of Object.entries(SHAPES)) app.addSchema({ $id: name, ...shape });
  app.removeContentTypeParser('text/plain');
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, parsed) => {
    // Clients that name a type and send nothing, as for a retry.
    if (body === '') parsed(null, undefined);
    else void parseJson(request, String(body), parsed);
  });
  // In a query or path everything is text; in a body a number that is a text is a mistake.
  const ofText = new Ajv({ coerceTypes: true, useDefaults: true, strict: false });
  const ofJson = new Ajv({ useDefaults: true, strict: false });
  app.setValidatorCompiler<object>(({ schema, httpPart }) =>
    (httpPart === 'body' ? ofJson : ofText).compile(schema),
  );
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status === 500) request.log.error({ err: error }, 'The program API failed');
    return sendProblem(reply, problem);
  });
  app.addHook('onRequest', async ({ headers }, reply) => {
    void reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') throw unsupportedMediaType();
  });
}
