import { randomBytes } from 'node:crypto';

/** A file the stand-in serves: a path on disk, or the bytes themselves (a sign-in page, garbage). */
export type Source = string | Buffer;

/** One stream Loom offers for a video, as the extractor will find it. */
export type Stream =
  /** One file. Its name's ending (`mp4`, `webm`) is what the URL shows. `contentType` is by that ending unless told. */
  | {
      readonly kind: 'file';
      readonly source: Source;
      readonly extension?: 'mp4' | 'webm';
      readonly length?: boolean;
    }
  /** A master playlist in front of media playlists made by `makeHls`. */
  | { readonly kind: 'hls'; readonly variants: readonly HlsVariant[] };

/** A rendition in a master playlist. */
export interface HlsVariant {
  /** Folder holding `index.m3u8` and its segments. */
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
  /** RFC 6381 codecs as the master playlist says them; left out, the extractor cannot tell whether there is sound. */
  readonly codecs?: string;
  /** Folder of a separate audio rendition, as Loom's split playlists have. */
  readonly audioFolder?: string;
}

/** Where a fault strikes: a GraphQL operation, an endpoint of the API, a page, or the media themselves. */
export type Endpoint =
  | 'graphql'
  | 'raw-url'
  | 'transcoded-url'
  | 'page'
  | 'oembed'
  | 'media'
  | 'playlist'
  | 'segment'
  | 'captions';

/** A misbehaviour: the first `times` answers of an endpoint (all of them unless told) go wrong in this way. */
export interface Fault {
  readonly on: Endpoint;
  readonly times?: number;
  /** This many answers are right before the fault begins. */
  readonly after?: number;
  /** Answers with this status instead. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Cuts the connection after this many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends this many bytes of the body, then nothing more, and keeps the connection open. */
  readonly stallAfter?: number;
  /** Sends the client elsewhere. */
  readonly redirect?: string;
}

/** Who may watch. */
export type Access = 'public' | 'private' | 'deleted' | { readonly password: string };

/** What a test says of a video; everything has a default but one stream. */
export interface VideoOptions {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string;
  readonly owner?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** Seconds, as the metadata claim; null leaves it out. */
  readonly duration?: number | null;
  readonly width?: number;
  readonly height?: number;
  readonly microphone?: boolean;
  /** Lines `0:00 Title`. */
  readonly chapters?: string;
  /** Loom's own captions, WebVTT. */
  readonly captions?: string;
  readonly access?: Access;
  /** The original; `nullableRawCdnUrl` shows it too unless `cdn` is given. */
  readonly raw?: Stream;
  readonly transcoded?: Stream;
  readonly cdn?: Stream;
  /** The stream that the share page's Open Graph tags point to; none unless told. */
  readonly openGraph?: Stream;
  readonly faults?: readonly Fault[];
}

/** A video as the stand-in holds it. */
export interface Video extends Required<
  Omit<VideoOptions, 'raw' | 'transcoded' | 'cdn' | 'openGraph' | 'chapters' | 'captions'>
> {
  readonly chapters: string | undefined;
  readonly captions: string | undefined;
  readonly streams: ReadonlyMap<StreamName, Stream>;
  /** Answers given so far, by endpoint: what faults count. */
  readonly answered: Map<Endpoint, number>;
  readonly shareUrl: string;
}

export type StreamName = 'raw' | 'transcoded' | 'cdn' | 'open-graph';

/** Fills a test's description of a video with defaults that look like Loom's. */
export function newVideo(options: VideoOptions): Video {
  const id = options.id ?? randomBytes(16).toString('hex');
  const streams = new Map<StreamName, Stream>();
  if (options.raw) streams.set('raw', options.raw);
  if (options.transcoded) streams.set('transcoded', options.transcoded);
  if (options.cdn) streams.set('cdn', options.cdn);
  if (options.openGraph) streams.set('open-graph', options.openGraph);
  return {
    id,
    name: options.name ?? 'A test recording',
    description: options.description ?? '',
    owner: options.owner ?? 'Ada Tester',
    createdAt: options.createdAt ?? '2026-03-02T09:30:00.000Z',
    duration: options.duration === undefined ? 10 : options.duration,
    width: options.width ?? 640,
    height: options.height ?? 360,
    microphone: options.microphone ?? true,
    chapters: options.chapters,
    captions: options.captions,
    access: options.access ?? 'public',
    streams,
    faults: options.faults ?? [],
    answered: new Map(),
    shareUrl: `https://www.loom.com/share/${id}`,
  };
}

/** The fault that strikes this answer of an endpoint, if any; counts the answer. */
export function strike(video: Video, endpoint: Endpoint): Fault | undefined {
  const before = video.answered.get(endpoint) ?? 0;
  video.answered.set(endpoint, before + 1);
  return video.faults.find((fault) => {
    const first = fault.after ?? 0;
    return fault.on === endpoint && before >= first && before < first + (fault.times ?? Infinity);
  });
}
