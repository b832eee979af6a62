import { StageError } from '../../contract/stageError.ts';
import { parseLoomUrl, type LoomLink } from '../../loomUrl.ts';
import type { DownloadedVideo, DownloadRequest, VideoDownloader, VideoInfo } from '../../ports.ts';
import { HttpsClient } from './httpsRequest.ts';
import { cdnMediaUrl, describe, openGraphMediaUrl, sessionMediaUrl, type LoomAccess } from './loomPages.ts';

/** How a fallback finds the link to the media. */
const FIND: Record<FallbackSource, (link: LoomLink, access: LoomAccess) => Promise<string>> = {
  'loom-api': sessionMediaUrl,
  cdn: cdnMediaUrl,
  'open-graph': openGraphMediaUrl,
};

export type FallbackSource = 'loom-api' | 'cdn' | 'open-graph';

export interface FallbackOptions {
  readonly source: FallbackSource;
  /** Downloads a direct link to media within the same limits. */
  readonly media: VideoDownloader;
  readonly env: NodeJS.ProcessEnv;
  /** LOOM_API_KEY: sent to Loom's API as bearer, never with the media. */
  readonly apiKey: string | undefined;
}

/** One of development's ways around yt-dlp's extractor: asks Loom for a media link, then downloads that. */
export class LoomFallback implements VideoDownloader {
  readonly source: FallbackSource;
  readonly #options: FallbackOptions;

  constructor(options: FallbackOptions) {
    this.source = options.source;
    this.#options = options;
  }

  async download(request: DownloadRequest): Promise<DownloadedVideo> {
    const { env, apiKey, media } = this.#options;
    const link = parseLoomUrl(request.url);
    const client = new HttpsClient(env);
    try {
      const access = { client, apiKey, password: request.password, signal: request.signal };
      const url = await FIND[this.source](link, access);
      const info = await describe(link, access);
      if ((info.durationSeconds ?? 0) > request.limits.maxSeconds) throw tooLong(info, request);
      request.onInfo(info);
      const { password: _, ...rest } = request;
      const found = await media.download({ ...rest, url, wantCaptions: false, onInfo: () => undefined });
      return { file: found.file, info };
    } finally {
      client.close();
    }
  }
}

function tooLong(info: VideoInfo, { limits }: DownloadRequest): StageError {
  return new StageError(
    'VideoTooLong',
    `The video lasts ${info.durationSeconds} s; at most ${limits.maxSeconds} s are allowed.`,
  );
}
