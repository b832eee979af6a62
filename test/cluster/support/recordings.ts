import { recording } from '../../sample/index.ts';
import type { VideoOptions } from '../../support/loom/video.ts';
import { remuxed } from '../../support/media/recordings.ts';
import { findTools } from '../../support/media/tools.ts';

/** Between two sentences of the first topic. */
const SECONDS = 25.8;

/** The first topic of the bundled recording, nearly: enough for every stage to have work, for some seconds. */
export async function shortVideo(): Promise<VideoOptions> {
  const { ffmpeg } = await findTools();
  const { path, title } = recording();
  const source = await remuxed(ffmpeg, path, ['-t', String(SECONDS)]);
  return { name: title, duration: SECONDS, raw: { kind: 'file', source } };
}
