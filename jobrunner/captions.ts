import { parseText } from 'media-captions';
import type { Segment } from './artifacts.ts';

/** Larger caption files are not Loom's: five minutes of speech take about 10 kB. */
const MAX_CHARACTERS = 5_000_000;

/**
 * Lines that media-captions takes for settings where a cue's text is to begin, and drops; WebVTT has those beside the
 * times alone. An empty tag before them keeps them.
 */
const LIKE_SETTINGS = /^[ \t]*(?:region|vertical|line|position|size|align)[:=]/gm;

/**
 * The segments of a WebVTT text, in order of time, without markup, empty cues and cues outside the video. Anything
 * that is not WebVTT has none. Cues that overlap are shortened to begin where the one before ends.
 */
export async function parseCaptions(vtt: string, durationSeconds: number): Promise<Segment[]> {
  if (vtt.length > MAX_CHARACTERS || !/^\uFEFF?WEBVTT(\s|$)/.test(vtt)) return [];
  const { cues } = await parseText(vtt.replace(LIKE_SETTINGS, '<c></c>$&'), { type: 'vtt' });
  const segments: Segment[] = [];
  let previousEnd = 0;
  for (const cue of cues.toSorted((a, b) => a.startTime - b.startTime)) {
    const text = plainText(cue.text);
    const start = Math.max(inMilliseconds(cue.startTime), previousEnd);
    const end = Math.min(inMilliseconds(cue.endTime), durationSeconds);
    if (text === '' || !(start < end)) continue;
    segments.push({ start, end, text });
    previousEnd = end;
  }
  return segments;
}

/** As WebVTT has them, without what adding up hours and seconds left behind. */
function inMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': ' ',
  '&lrm;': '',
  '&rlm;': '',
};

/** The words of a cue: WebVTT's tags (voices, timestamps, styles) removed, its six entities decoded. */
function plainText(cue: string): string {
  // Behind the last `>` there is no tag: each of a million `<` would be read to the end for one.
  const tagged = cue.lastIndexOf('>') + 1;
  return (cue.slice(0, tagged).replace(/<[^>]*>/g, '') + cue.slice(tagged))
    .replace(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}
