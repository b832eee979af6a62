import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../../common/clock.ts';
import type { Chapter } from '../../../../jobrunner/artifacts.ts';
import { RETRY_ANNOTATION } from '../../../reconcile/names.ts';
import { isNamespaceName } from '../../resources/metadata/names.ts';
import type { LoomVideo, VideoKey } from '../../resources/resource.ts';
import type { ResourceStore } from '../../resources/resourceStore.ts';
import type { ProgressBoard } from '../../runtime/progress.ts';
import type { RunsOf } from '../../runtime/runHistory.ts';
import { ProblemError } from '../problem.ts';
import { ADD_BODY, LIST_QUERY, PROBLEM, VIDEO_PARAMS } from '../schemas.ts';
import { addLinks } from './addLinks.ts';
import { formatContinue, parseContinue } from './pageToken.ts';
import { phaseOf, summaryOf, withoutAbsent, type Summary } from './summary.ts';
import type { VideoIndex } from './videoIndex.ts';

export interface VideoRouteOptions {
  readonly videos: ResourceStore;
  readonly index: VideoIndex;
  readonly board: ProgressBoard;
  readonly runsOf: RunsOf;
  /** Of what is stored of this video; empty where nothing is, or the store does not answer. */
  readonly chaptersOf: (video: LoomVideo, signal: AbortSignal) => Promise<readonly Chapter[]>;
  readonly clock: Clock;
}

/** Bytes: a hundred links of the longest kind. */
const ADD_BODY_LIMIT = 64 * 1024;

interface ListRequest {
  readonly Querystring: { limit: number; continue?: string; phase?: string; namespace?: string };
}

export function serveVideos(app: FastifyInstance, options: VideoRouteOptions): void {
  const { videos, index, board, runsOf, chaptersOf, clock } = options;
  const summary = (video: LoomVideo): Summary => summaryOf(video, board.of(video.metadata));
  const detail = async (video: LoomVideo, signal: AbortSignal): Promise<object> => {
    const { conditions = [], timings } = video.status ?? {};
    return withoutAbsent({
      ...summary(video),
      conditions,
      chapters: await chaptersOf(video, signal),
      runs: runsOf(video.metadata.uid),
      timings,
    });
  };
  const tags = ['videos'];

  app.get<ListRequest>(
    '/api/videos',
    {
      schema: {
        operationId: 'listVideos',
        summary: 'Videos, newest first, page by page',
        tags,
        querystring: LIST_QUERY,
        response: { 200: { description: 'A page', $ref: 'VideoList#' }, default: PROBLEM },
      },
    },
    ({ query: { continue: token, ...filter } }, reply) => {
      const page = index.page({ ...filter, ...(token !== undefined && { after: parseContinue(token) }) });
      return reply.send({
        items: page.videos.map(summary),
        ...(page.end && { continue: formatContinue(page.end) }),
        total: page.total,
        phases: Object.fromEntries(index.phases),
        resourceVersion: String(videos.version),
      });
    },
  );

  app.post<{ Body: { links: string[]; namespace: string } }>(
    '/api/videos',
    {
      bodyLimit: ADD_BODY_LIMIT,
      schema: {
        operationId: 'addVideos',
        summary: 'Makes a LoomVideo of each link, with all defaults; a link that is known stays as it is',
        tags,
        body: ADD_BODY,
        response: {
          200: {
            description: 'What became of each link, in their order',
            type: 'object',
            required: ['results'],
            properties: { results: { type: 'array', items: { $ref: 'AddedLink#' } } },
          },
          default: PROBLEM,
        },
      },
    },
    async ({ body: { links, namespace } }) => ({ results: await addLinks(videos, links, namespace) }),
  );

  app.get<{ Params: VideoKey }>(
    '/api/videos/:namespace/:name',
    {
      schema: {
        operationId: 'getVideo',
        summary: 'One video with its conditions, chapters and past runs',
        tags,
        params: VIDEO_PARAMS,
        response: { 200: { description: 'The video', $ref: 'Detail#' }, default: PROBLEM },
      },
    },
    ({ params, signal }) => detail(existing(videos, params), signal),
  );

  app.post<{ Params: VideoKey }>(
    '/api/videos/:namespace/:name/retry',
    {
      schema: {
        operationId: 'retryVideo',
        summary: 'Starts a failed video afresh',
        tags,
        params: VIDEO_PARAMS,
        response: { 202: { description: 'It is queued', $ref: 'Summary#' }, default: PROBLEM },
      },
    },
    ({ params }, reply) => {
      const video = existing(videos, params);
      refuseRetry(video);
      const annotations = { [RETRY_ANNOTATION]: clock.now().toISOString() };
      return reply.code(202).send(summary(videos.patch(params, { metadata: { annotations } })));
    },
  );

  app.delete<{ Params: VideoKey }>(
    '/api/videos/:namespace/:name',
    {
      schema: {
        operationId: 'deleteVideo',
        summary: 'Deletes a video, and what is stored of it unless spec.deletionPolicy says otherwise',
        tags,
        params: VIDEO_PARAMS,
        response: {
          202: { description: 'It is being deleted, or gone', $ref: 'Summary#' },
          default: PROBLEM,
        },
      },
    },
    ({ params }, reply) => {
      const { metadata } = existing(videos, params);
      const { video } = videos.delete(params, { uid: metadata.uid });
      return reply.code(202).send({ ...summary(video), deleting: true });
    },
  );
}

/** Throws the problem `NotFound`. */
function existing(videos: ResourceStore, key: VideoKey): LoomVideo {
  const video = isNamespaceName(key.namespace) ? videos.get(key) : undefined;
  if (!video) throw new ProblemError(404, 'NotFound', 'There is no such video.');
  return video;
}

/** Throws the problem `Conflict` where there is nothing to start afresh. */
function refuseRetry(video: LoomVideo): void {
  const phase = phaseOf(video);
  if (video.metadata.deletionTimestamp !== undefined) throw conflict('The video is being deleted.');
  if (phase === 'Failed') return;
  if (phase === 'Ready') throw conflict('The video is ready: there is nothing to retry.');
  if (phase === 'Suspended') throw conflict('The video is suspended: set spec.suspend to false.');
  throw conflict('The video is under way, or is tried again by itself: there is nothing to retry yet.');
}

function conflict(detail: string): ProblemError {
  return new ProblemError(409, 'Conflict', detail);
}
