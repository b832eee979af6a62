/**
 * Makes the bundled recordings again, from `text.json`. They are committed, so this is needed only
 * after the text changed:
 *
 *     apt-get install flite espeak-ng fonts-dejavu-core
 *     npm run setup && node test/sample/make.ts
 *
 * Writes recording.mp4 and timings.json, french.mp4 and silence.mp4 beside this file.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { secondsOf, silence, speakEnglish, speakFrench } from './speech.ts';
import { writeVideo, type Card } from './video.ts';

const here = import.meta.dirname;

/** Pauses between sentences, taken in turn, as a speaker who reads slides makes them. */
const SENTENCE_PAUSES = [0.3, 0.4, 0.5, 0.35, 0.45];
const TOPIC_PAUSE = 1.2;
const LEAD_IN = 0.8;

interface Topic {
  title: string;
  sentences: string[];
}

/** Seconds from the start of the recording. */
interface Span {
  start: number;
  end: number;
}

const FRENCH = [
  'Bonjour et bienvenue dans cette courte présentation de notre produit.',
  'Pour inviter une collègue, ouvrez la page des membres et cliquez sur le bouton.',
  'Elle recevra un message dans sa boîte aux lettres en moins d’une minute.',
  'Vous pouvez ensuite choisir son rôle et suivre ses progrès.',
  'Merci de votre attention et à bientôt.',
];

async function makeRecording(ffmpeg: string, work: string): Promise<void> {
  const text = await readFile(join(here, 'text.json'), 'utf8');
  const { title, topics } = JSON.parse(text) as { title: string; topics: Topic[] };
  const pieces: Buffer[] = [];
  let now = 0;
  const add = (pcm: Buffer): void => {
    pieces.push(pcm);
    now += secondsOf(pcm);
  };
  const rounded = (): number => Math.round(now * 100) / 100;

  add(silence(LEAD_IN));
  let pause = 0;
  const timed: (Span & { sentences: Span[] })[] = [];
  for (const [index, topic] of topics.entries()) {
    if (index > 0) add(silence(TOPIC_PAUSE));
    const sentences: Span[] = [];
    const start = rounded();
    for (const [position, sentence] of topic.sentences.entries()) {
      if (position > 0) add(silence(SENTENCE_PAUSES[pause++ % SENTENCE_PAUSES.length] ?? 0));
      const sentenceStart = rounded();
      add(await speakEnglish(sentence));
      sentences.push({ start: sentenceStart, end: rounded() });
    }
    timed.push({ start, end: rounded(), sentences });
  }
  add(silence(LEAD_IN));

  const cards = topics.map((topic, index): Card => {
    const from = index === 0 ? 0 : (timed[index]?.start ?? 0);
    return { text: topic.title, from, to: timed[index + 1]?.start ?? now };
  });
  await writeVideo({
    ffmpeg,
    work,
    pcm: Buffer.concat(pieces),
    heading: title,
    cards,
    height: 480,
    output: join(here, 'recording.mp4'),
  });
  const timings = { durationSeconds: rounded(), topics: timed };
  await writeFile(join(here, 'timings.json'), `${JSON.stringify(timings, null, 2)}\n`);
}

async function makeFrench(ffmpeg: string, work: string): Promise<void> {
  const pcm = await speakFrench(FRENCH.join(' '), ffmpeg);
  const cards = [{ text: 'En français', from: 0, to: secondsOf(pcm) }];
  await writeVideo({ ffmpeg, work, pcm, heading: '', cards, height: 144, output: join(here, 'french.mp4') });
}

const makeSilence = (ffmpeg: string, work: string): Promise<void> =>
  writeVideo({
    ffmpeg,
    work,
    pcm: silence(10),
    heading: '',
    cards: [],
    height: 144,
    output: join(here, 'silence.mp4'),
  });

const { path: ffmpeg } = await locateFfmpeg({ env: process.env, root: join(here, '../..') });
const work = await mkdtemp(join(tmpdir(), 'sample-video-'));
try {
  await makeRecording(ffmpeg, work);
  await makeFrench(ffmpeg, work);
  await makeSilence(ffmpeg, work);
} finally {
  await rm(work, { recursive: true, force: true });
}
