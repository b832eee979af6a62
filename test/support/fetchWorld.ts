import { startLoom, type Loom } from './loom/server.ts';
import type { HlsVariant, Source, Stream } from './loom/video.ts';
import { bulk, hls, recording, truncated } from './media/recordings.ts';
import { findTools, type Tools } from './media/tools.ts';

/** Recordings that the tests of downloading share; paths of files, or folders of HLS renditions. */
export interface Media {
  readonly plain: string;
  readonly webm: string;
  readonly p720: string;
  readonly silent: string;
  readonly soundless: string;
  readonly long: string;
  readonly cutOff: string;
  readonly bulk: string;
  readonly hls: string;
  readonly hlsSoundless: string;
  readonly video720: string;
  readonly audio720: string;
}

export interface FetchWorld {
  readonly tools: Tools;
  readonly loom: Loom;
  readonly media: Media;
}

export const BULK_BYTES = 60 * 1024 ** 2;

/** The real programs, a stand-in for Loom and the recordings. Close `loom` afterwards. */
export async function fetchWorld(): Promise<FetchWorld> {
  const tools = await findTools();
  const { ffmpeg } = tools;
  const plain = await recording(ffmpeg);
  const p720 = await recording(ffmpeg, { width: 1280, height: 720 });
  const soundless = await recording(ffmpeg, { sound: 'none' });
  return {
    tools,
    loom: await startLoom(),
    media: {
      plain,
      p720,
      soundless,
      webm: await recording(ffmpeg, { extension: 'webm', width: 320, height: 180 }),
      silent: await recording(ffmpeg, { sound: 'silence' }),
      long: await recording(ffmpeg, { seconds: 400, width: 192, height: 108 }),
      cutOff: await truncated(plain, 400_000),
      bulk: await bulk(BULK_BYTES),
      hls: await hls(ffmpeg, plain),
      hlsSoundless: await hls(ffmpeg, soundless),
      video720: await hls(ffmpeg, p720, 'video'),
      audio720: await hls(ffmpeg, p720, 'audio'),
    },
  };
}

/** One file as a stream; without `length` it comes in chunks of unknown number. */
export function file(source: Source, options: { length?: boolean; extension?: 'mp4' | 'webm' } = {}): Stream {
  return { kind: 'file', source, ...options };
}

/** One HLS rendition as a stream: 640×360 with both tracks stated, unless told. */
export function playlist(folder: string, variant: Partial<HlsVariant> = {}): Stream {
  const usual = { width: 640, height: 360, bitrate: 300_000, codecs: 'avc1.42c01e,mp4a.40.2' };
  return { kind: 'hls', variants: [{ ...usual, folder, ...variant }] };
}
