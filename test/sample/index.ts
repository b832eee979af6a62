/**
 * The bundled recordings: made speech with a known text, so that what the pipeline hears and finds
 * can be judged. `make.ts` makes them from `text.json`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A sentence and when it is spoken; seconds from the start of the recording. */
export interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A stretch of the recording about one thing: a chapter. */
export interface Topic {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly sentences: readonly Sentence[];
}

/** A recording with known words. */
export interface Recording {
  readonly path: string;
  readonly title: string;
  readonly durationSeconds: number;
  readonly topics: readonly Topic[];
  /** Every word that is spoken, in order. */
  readonly text: string;
}

/** A question in words other than the recording's, and the title of the topic that answers it. */
export interface Question {
  readonly question: string;
  readonly topic: string;
}

interface KnownText {
  title: string;
  topics: { title: string; sentences: string[] }[];
}

interface Timings {
  durationSeconds: number;
  topics: { start: number; end: number; sentences: { start: number; end: number }[] }[];
}

const pathOf = (name: string): string => join(import.meta.dirname, name);
const parsed = (name: string): unknown => JSON.parse(readFileSync(pathOf(name), 'utf8'));

/** About 30 s of French speech; `tiny.en` would make nonsense of it. */
export const french = { path: pathOf('french.mp4') } as const;

/** Ten seconds with a silent audio track. */
export const silence = { path: pathOf('silence.mp4'), durationSeconds: 10 } as const;

/** The recording for `npm run demo`: nine topics in about four and a half minutes. */
export function recording(): Recording {
  const { title, topics } = parsed('text.json') as KnownText;
  const timings = parsed('timings.json') as Timings;
  return {
    path: pathOf('recording.mp4'),
    title,
    durationSeconds: timings.durationSeconds,
    text: topics.flatMap((topic) => topic.sentences).join(' '),
    topics: timings.topics.map(({ start, end, sentences }, index) => ({
      title: topics[index]?.title ?? '',
      start,
      end,
      sentences: sentences.map((times, position) => ({
        text: topics[index]?.sentences[position] ?? '',
        ...times,
      })),
    })),
  };
}

/** Ten paraphrased questions about {@link recording}. */
export const questions = (): readonly Question[] => parsed('questions.json') as Question[];
