import { clockTime } from '../../jobrunner/commands/printResult.ts';
import { recording } from '../sample/index.ts';
import type { VideoOptions } from './loom/video.ts';

/** The bundled recording as the stand-in serves it: title, chapters and a plain MP4. */
export function sampleVideo(): VideoOptions {
  const { title, path, durationSeconds, topics } = recording();
  return {
    name: title,
    duration: durationSeconds,
    chapters: topics.map((topic) => `${clockTime(topic.start)} ${topic.title}`).join('\n'),
    raw: { kind: 'file', source: path },
  };
}
