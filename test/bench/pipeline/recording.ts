import { join } from 'node:path';
import { runChild } from '../../../common/childProcess.ts';
import { recording } from '../../sample/index.ts';

/** Speech of a chosen length with a known text. */
export interface Speech {
  readonly path: string;
  readonly seconds: number;
  readonly text: string;
}

/** The bundled recording as often as it takes, cut at `seconds`, in `folder`. Throws when ffmpeg fails. */
export async function speechOf(seconds: number, folder: string, ffmpeg: string): Promise<Speech> {
  const path = join(folder, `speech-${seconds}.mp4`);
  const args = [
    ...['-nostdin', '-loglevel', 'error', '-stream_loop', '-1', '-i', recording().path],
    ...['-t', String(seconds), '-c', 'copy', path],
  ];
  const exit = await runChild({ command: ffmpeg, args, env: {} });
  if (exit.code !== 0) throw new Error(`ffmpeg could not make the recording: ${exit.stderrTail}`);
  return { path, seconds, text: textUntil(seconds) };
}

/** What is said until then; of a sentence that is cut, as many of its words as there is time for. */
function textUntil(seconds: number): string {
  const { durationSeconds, topics } = recording();
  const said: string[] = [];
  for (let offset = 0; offset < seconds; offset += durationSeconds)
    for (const { text, start, end } of topics.flatMap(({ sentences }) => sentences)) {
      const words = text.split(' ');
      const share = (seconds - offset - start) / (end - start);
      said.push(...words.slice(0, Math.max(0, Math.round(share * words.length))));
    }
  return said.join(' ');
}
