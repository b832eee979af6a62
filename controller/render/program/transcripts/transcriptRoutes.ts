import type { FastifyInstance } from 'fastify';
import type { RecordStore, VideoRecord } from '../../../../jobrunner/ports.ts';
import { timestampLink } from '../../../../jobrunner/search/timestampLink.ts';
import type { VideoKey } from '../../resources/resource.ts';
import type { ResourceStore } from '../../resources/resourceStore.ts';
import { ownerKeyOf } from '../../resources/ownerKey.ts';
import { ProblemError } from '../problem.ts';
import { FILE_QUERY, PROBLEM, VIDEO_PARAMS } from '../schemas.ts';
import { webLink } from '../webLink.ts';
import { chaptersOf } from './chapters.ts';
import { contentDisposition } from './contentDisposition.ts';
import { TRANSCRIPT_FORMATS } from './formats.ts';

export interface TranscriptRouteOptions {
  readonly videos: ResourceStore;
  readonly records: RecordStore;
}

export function serveTranscripts(app: FastifyInstance, { videos, records }: TranscriptRouteOptions): void {
  const tags = ['transcripts'];

  /** Throws the problem `TranscriptMissing`. What was retained of a deleted video is there. */
  async function recordOf(key: VideoKey, signal: AbortSignal): Promise<VideoRecord> {
    const record = await records.find(ownerKeyOf(key), { signal });
    const uid = videos.get(key)?.metadata.uid;
    // Of the same name before: another video.
    if (!record || (uid !== undefined && record.owner.uid !== uid))
      throw new ProblemError(404, 'TranscriptMissing', 'There is no transcript of this video, or not yet.');
    return record;
  }

  app.get<{ Params: VideoKey }>(
    '/api/videos/:namespace/:name/transcript.json',
    {
      schema: {
        operationId: 'getTranscript',
        summary: 'The transcript with a link to each moment',
        tags,
        params: VIDEO_PARAMS,
        response: { 200: { description: 'The transcript', $ref: 'Transcript#' }, default: PROBLEM },
      },
    },
    async ({ params: { namespace, name }, signal }) => {
      const record = await recordOf({ namespace, name }, signal);
      const url = webLink(record.url);
      return {
        namespace,
        name,
        title: record.title,
        ...(url !== undefined && { url }),
        language: record.language,
        model: record.transcriptionModel,
        durationSeconds: record.durationSeconds,
        chapters: chaptersOf(record.passages),
        segments: record.segments.map(({ start, end, text }) => ({
          start,
          end,
          text,
          ...(url !== undefined && { url: timestampLink(url, start) }),
        })),
      };
    },
  );

  for (const { extension, type, encode } of TRANSCRIPT_FORMATS)
    app.get<{ Params: VideoKey; Querystring: { inline?: unknown } }>(
      `/api/videos/:namespace/:name/transcript.${extension}`,
      {
        schema: {
          operationId: `getTranscript${extension.toUpperCase()}`,
          summary: `The transcript as a ${extension.toUpperCase()} file`,
          tags,
          params: VIDEO_PARAMS,
          querystring: FILE_QUERY,
          response: {
            200: {
              description: 'The file, named after the title',
              content: { [type]: { schema: { type: 'string' } } },
            },
            default: PROBLEM,
          },
        },
      },
      async ({ params, query, signal }, reply) => {
        const record = await recordOf(params, signal);
        const kind = query.inline === undefined ? 'attachment' : 'inline';
        return reply
          .type(type)
          .header('content-disposition', contentDisposition(kind, { title: record.title, extension }))
          .send(encode(record));
      },
    );
}
