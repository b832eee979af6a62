/** Puts speech under title cards: an MP4 with H.264 and AAC, as Loom delivers them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE, secondsOf } from './speech.ts';
import { run } from './tools.ts';

/** Text shown from one second to another. */
export interface Card {
  text: string;
  from: number;
  to: number;
}

export interface VideoOptions {
  ffmpeg: string;
  /** An empty folder for intermediate files. */
  work: string;
  pcm: Buffer;
  /** Small text above every card. */
  heading: string;
  cards: readonly Card[];
  /** Pixels; the width follows at 16:9. */
  height: number;
  output: string;
}

/** Few frames suffice for still cards; the running clock changes once a second. */
const FRAMES_PER_SECOND = 2;
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';

/** Writes the video; the picture is as long as the speech. */
export async function writeVideo(options: VideoOptions): Promise<void> {
  const { ffmpeg, work, pcm, height, output } = options;
  const sound = join(work, 'speech.pcm');
  await writeFile(sound, pcm);
  const width = Math.round((height * 16) / 9 / 2) * 2;
  const picture = `color=c=0x1d3557:s=${width}x${height}:r=${FRAMES_PER_SECOND}:d=${secondsOf(pcm)}`;
  const filter = [picture, ...(await drawings(options))].join(',');
  await run(ffmpeg, [
    '-y',
    '-v',
    'error',
    '-f',
    's16le',
    '-ar',
    String(SAMPLE_RATE),
    '-ac',
    '1',
    '-i',
    sound,
    '-f',
    'lavfi',
    '-i',
    filter,
    '-map',
    '1:v',
    '-map',
    '0:a',
    '-shortest',
    '-threads',
    '1',
    '-c:v',
    'libx264',
    '-preset',
    'veryslow',
    '-tune',
    'stillimage',
    '-crf',
    '32',
    '-g',
    '60',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-b:a',
    '40k',
    '-map_metadata',
    '-1',
    '-fflags',
    '+bitexact',
    '-flags',
    '+bitexact',
    '-movflags',
    '+faststart',
    output,
  ]);
}

/** Texts go through files, so that no quoting of ffmpeg's filter language is needed. */
async function drawings({ work, heading, cards, height }: VideoOptions): Promise<string[]> {
  const texts = [{ text: heading, from: 0, to: Infinity, y: 'h*0.15', size: height / 20 }].concat(
    cards.map((card) => ({ ...card, y: '(h-text_h)/2', size: height / 10 })),
  );
  const drawn = [];
  for (const [index, { text, from, to, y, size }] of texts.entries()) {
    if (text === '') continue;
    const file = join(work, `card${index}.txt`);
    await writeFile(file, text);
    const when = to === Infinity ? '' : `:enable='between(t,${from},${to})'`;
    drawn.push(
      `drawtext=fontfile=${FONT}:textfile=${file}:expansion=none:fontcolor=white:fontsize=${Math.round(size)}:x=(w-text_w)/2:y=${y}${when}`,
    );
  }
  if (drawn.length > 0)
    drawn.push(
      `drawtext=fontfile=${FONT}:text='%{pts\\:hms}':fontcolor=0xa8dadc:fontsize=${Math.round(height / 20)}:x=(w-text_w)/2:y=h*0.8`,
    );
  return drawn;
}
