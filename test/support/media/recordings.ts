import { copyFile, mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ffmpeg, makeOnce } from './make.ts';

/** What a made recording is like; a test picture with a tone, 640×360 and ten seconds long unless told. */
export interface RecordingOptions {
  readonly seconds?: number;
  readonly width?: number;
  readonly height?: number;
  /** A tone, digital silence, or no audio track at all. */
  readonly sound?: 'tone' | 'silence' | 'none';
  readonly extension?: 'mp4' | 'webm';
  /** Where the index stands: at the end (as cameras write it, the default) or in front. */
  readonly faststart?: boolean;
}

/** A valid recording, made with ffmpeg; returns its path. */
export async function recording(binary: string, options: RecordingOptions = {}): Promise<string> {
  const {
    seconds = 10,
    width = 640,
    height = 360,
    sound = 'tone',
    extension = 'mp4',
    faststart = false,
  } = options;
  const audio = sound === 'tone' ? 'sine=frequency=330:sample_rate=44100' : 'anullsrc=r=44100:cl=mono';
  const codecs =
    extension === 'mp4'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-pix_fmt',
          'yuv420p',
          '-g',
          '30',
          '-c:a',
          'aac',
          '-b:a',
          '64k',
        ]
      : ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '30', '-c:a', 'libopus'];
  const args = [
    ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=15`],
    ...(sound === 'none' ? [] : ['-f', 'lavfi', '-i', audio]),
    ...['-t', String(seconds), ...codecs],
    ...(faststart ? ['-movflags', '+faststart'] : []),
  ];
  return makeOnce(`${seconds}s-${height}p-${sound}.${extension}`, args.join(' '), (path) =>
    ffmpeg(binary, [...args, '-f', extension, path]),
  );
}

/** The first `bytes` of a file. */
export async function truncated(path: string, bytes: number): Promise<string> {
  return makeOnce('truncated.mp4', `${path} ${bytes}`, async (aside) => {
    await copyFile(path, aside);
    await truncate(aside, bytes);
  });
}

/** A file that begins like an mp4 and then is zeros, `bytes` long: for limits that strike before anybody decodes. */
export async function bulk(bytes: number): Promise<string> {
  return makeOnce('bulk.mp4', `bulk ${bytes}`, async (aside) => {
    await writeFile(aside, Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex'));
    await truncate(aside, bytes);
  });
}

/**
 * Cuts a recording into an HLS rendition: a folder with `index.m3u8` and six-second segments. `tracks` picks both
 * (pre-merged), or one of them, as Loom's split playlists have it.
 */
export async function hls(
  binary: string,
  path: string,
  tracks: 'both' | 'video' | 'audio' = 'both',
): Promise<string> {
  const pick = { both: ['-map', '0'], video: ['-map', '0:v'], audio: ['-map', '0:a'] }[tracks];
  const args = [
    '-i',
    path,
    ...pick,
    '-c',
    'copy',
    '-f',
    'hls',
    '-hls_time',
    '6',
    '-hls_playlist_type',
    'vod',
  ];
  return makeOnce(`hls-${tracks}`, args.join(' '), async (aside) => {
    await mkdir(aside, { recursive: true });
    const segments = ['-hls_segment_filename', join(aside, 'segment%03d.ts')];
    await ffmpeg(binary, [...args, ...segments, join(aside, 'index.m3u8')]);
  });
}

/** A recording's tracks, unchanged, in another container or with other options. */
export async function remuxed(binary: string, path: string, args: readonly string[]): Promise<string> {
  return makeOnce('remuxed.mp4', `${path} ${args.join(' ')}`, (aside) =>
    ffmpeg(binary, ['-i', path, '-map', '0', '-c', 'copy', ...args, aside]),
  );
}

/** A recording and its beginning again, so many seconds in all. */
export async function repeated(binary: string, path: string, seconds: number): Promise<string> {
  return makeOnce(`repeated-${seconds}.mp4`, path, (aside) =>
    ffmpeg(binary, ['-stream_loop', '1', '-i', path, '-t', String(seconds), '-c', 'copy', aside]),
  );
}

/** One second of one grey picture of this size, with a tone: larger than any screen, small as a file. */
export async function stillPicture(binary: string, width: number, height: number): Promise<string> {
  const args = [
    ...['-f', 'lavfi', '-i', `color=gray:size=${width}x${height}:rate=1,format=gray`],
    ...['-f', 'lavfi', '-i', 'sine', '-t', '1', '-c:v', 'mjpeg', '-strict', '-1', '-c:a', 'aac'],
  ];
  return makeOnce('still.mov', args.join(' '), (aside) => ffmpeg(binary, [...args, '-f', 'mov', aside]));
}
