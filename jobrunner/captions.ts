import { parseText } from 'media-captions';
import type { Segment } from './artifacts.ts';

/** Larger caption files are not Loom's: five minutes of speech take about 10 kB. */
const MAX_CHARACTERS = 5_000_000;

/**
 * The segments of a WebVTT text, in order of time, without markup, empty cues and cues outside the video. Anything
 * that is not WebVTT has none. Cues that overlap are shortened to begin where the one before ends.
 */
export async function parseCaptions(vtt: string, durationSeconds: number): Promise<Segment[]> {
  if (vtt.length > MAX_CHARACTERS || !/^\uFEFF?WEBVTT(\s|$)/.test(vtt)) return [];
  const { cues } = await parseText(vtt, { type: 'vtt' });
  const segments: Segment[] = [];
  let previousEnd = 0;
  for (const cue of cues.toSorted((a, b) => a.startTime - b.startTime)) {
    const text = plainText(cue.text);
    const start = Math.max(cue.startTime, previousEnd);
    const end = Math.min(cue.endTime, durationSeconds);
    if (text === '' || !(start < end)) continue;
    segments.push({ start, end, text });
    previousEnd = end;
  }
  return segments;
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
  return cue
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}
