import { captionsUrl, streamUrl } from './streamUrls.ts';
import type { Signer } from './signing.ts';
import type { Video } from './video.ts';

/** A GraphQL request as Loom's web client sends it: one object, never a batch. */
export interface GraphqlRequest {
  readonly operationName: string;
  readonly variables: Record<string, unknown>;
  readonly query: string;
}

type Answer = Record<string, unknown>;
type Operation = (video: Video | undefined, request: GraphqlRequest, signer: Signer) => Answer;

const ACCEPTABLE_MIMES = new Set(['DASH', 'M3U8', 'MP4', 'WEBM']);

/** What Loom's server checks before it answers; the text is what it says, undefined means the request is sound. */
export function graphqlComplaint(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return 'POST body missing or not an object.';
  const { operationName, variables, query } = body as Partial<GraphqlRequest>;
  if (typeof query !== 'string') return 'GraphQL operations must contain a non-empty `query`.';
  if (typeof operationName !== 'string' || !operations.has(operationName) || !query.includes(operationName)) {
    return `Unknown operation named "${String(operationName)}".`;
  }
  if (typeof variables?.['videoId'] !== 'string') {
    return 'Variable "$videoId" of required type "ID!" was not provided.';
  }
  const mimes = variables['acceptableMimes'] ?? [];
  if (!Array.isArray(mimes) || mimes.some((mime) => !ACCEPTABLE_MIMES.has(String(mime)))) {
    return 'Variable "$acceptableMimes" got invalid value.';
  }
  return undefined;
}

/** Answers a sound request. */
export function answerGraphql(request: GraphqlRequest, video: Video | undefined, signer: Signer): Answer {
  const operation = operations.get(request.operationName);
  if (!operation) throw new Error(`no operation ${request.operationName}`);
  return { data: operation(video, request, signer) };
}

/** What stands in the way of watching, in Loom's words and types; undefined when nothing does. */
export function denial(video: Video, password: unknown): Answer | undefined {
  if (video.access === 'private') {
    return {
      __typename: 'PrivateVideo',
      id: video.id,
      status: 'no-access',
      message: 'This video is private',
    };
  }
  if (typeof video.access === 'object' && video.access.password !== password) {
    const message = 'Video password is missing or incorrect';
    return { __typename: 'VideoPasswordMissingOrIncorrect', id: video.id, message };
  }
  return undefined;
}

const operations = new Map<string, Operation>([
  ['GetVideoSSR', (video, request) => ({ getVideo: getVideo(video, request, regularVideo) })],
  [
    'GetVideoSource',
    (video, request, signer) => ({
      getVideo: getVideo(video, request, (found) => {
        const url = streamUrl(found, 'cdn', signer) ?? streamUrl(found, 'raw', signer);
        return {
          __typename: 'RegularUserVideo',
          id: found.id,
          nullableRawCdnUrl: url ? { url, credentials: null, __typename: 'CloudfrontUrl' } : null,
        };
      }),
    }),
  ],
  [
    'FetchChapters',
    (video) => ({
      fetchVideoChapters: video?.chapters
        ? { __typename: 'VideoChapters', video_id: video.id, content: video.chapters }
        : { __typename: 'EmptyChaptersPayload', content: null },
    }),
  ],
  [
    'FetchVideoTranscript',
    (video, request, signer) => ({
      fetchVideoTranscript:
        video?.captions && !denial(video, request.variables['password'])
          ? {
              __typename: 'VideoTranscriptDetails',
              id: '1',
              video_id: video.id,
              source_url: null,
              captions_source_url: captionsUrl(video, signer),
            }
          : { __typename: 'GenericError', message: 'No transcript for this video' },
    }),
  ],
]);

function getVideo(
  video: Video | undefined,
  request: GraphqlRequest,
  found: (video: Video) => Answer,
): Answer | null {
  if (!video || video.access === 'deleted') return null;
  return denial(video, request.variables['password']) ?? found(video);
}

function regularVideo(video: Video): Answer {
  const duration = video.duration;
  return {
    __typename: 'RegularUserVideo',
    id: video.id,
    name: video.name,
    description: video.description,
    createdAt: video.createdAt,
    download_enabled: true,
    folder_id: null,
    is_protected: typeof video.access === 'object',
    needs_password: false,
    owner: { display_name: video.owner, __typename: 'RegularUser' },
    privacy: 'link',
    s3_id: `${video.id}-00001`,
    video_properties: {
      avgBitRate: null,
      client: 'desktop',
      camera_enabled: false,
      duration,
      durationMs: duration === null ? null : duration * 1000,
      format: 'transcoded',
      width: video.width,
      height: video.height,
      microphone_enabled: video.microphone,
      recording_type: 'screen',
      trim_duration: null,
      __typename: 'VideoProperties',
    },
    playable_duration: duration,
    source_duration: duration,
    visibility: 'public',
  };
}
