import { recording } from '../../sample/index.ts';
import type { VideoOptions } from '../../support/loom/video.ts';
import { remuxed, repeated } from '../../support/media/recordings.ts';
import { findTools } from '../../support/media/tools.ts';

/** As long as a video may be: the copied video stream ends on its next frame. */
const LONGEST_SECONDS = 298;

/** Between two sentences of the first topic. */
const SECONDS = 25.8;

/** The first topic of the bundled recording, nearly: enough for every stage to have work, for some seconds. */
export async function shortVideo(): Promise<VideoOptions> {
  const { ffmpeg } = await findTools();
  const { path, title } = recording();
  const source = await remuxed(ffmpeg, path, ['-t', String(SECONDS)]);
  return { name: title, duration: SECONDS, raw: { kind: 'file', source } };
}

/** The bundled recording and its beginning again, as long as a video may be. */
export async function longestVideo(): Promise<VideoOptions> {
  const { ffmpeg } = await findTools();
  const { path, title } = recording();
  const source = await repeated(ffmpeg, path, LONGEST_SECONDS);
  return { name: title, duration: LONGEST_SECONDS, raw: { kind: 'file', source } };
}
