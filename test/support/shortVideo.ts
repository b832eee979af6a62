import { locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { recording } from '../sample/index.ts';
import { ROOT } from './cli.ts';
import type { VideoOptions } from './loom/video.ts';
import { ffmpeg, makeOnce } from './media/make.ts';

/** Seconds: the first topic of the bundled recording, to the pause behind it. */
const SECONDS = 31;

/** The beginning of the bundled recording as the stand-in serves it: speech that takes few seconds to go through. */
export async function shortVideo(): Promise<VideoOptions> {
  const { path, title } = recording();
  const args = ['-i', path, '-t', String(SECONDS), '-c', 'copy', '-f', 'mp4'];
  const source = await makeOnce('short-speech.mp4', args.join(' '), async (aside) =>
    ffmpeg((await locateFfmpeg({ env: process.env, root: ROOT })).path, [...args, aside]),
  );
  return { name: title, duration: SECONDS, raw: { kind: 'file', source } };
}
