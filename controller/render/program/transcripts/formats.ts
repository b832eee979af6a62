import type { Segment } from '../../../../jobrunner/artifacts.ts';
import type { VideoRecord } from '../../../../jobrunner/ports.ts';
import { oneLine } from '../../../../common/oneLine.ts';
import { toVtt } from '../../../../jobrunner/vtt.ts';

/** A transcript as a file. */
export interface TranscriptFormat {
  readonly extension: 'vtt' | 'srt' | 'txt';
  readonly type: string;
  readonly encode: (record: VideoRecord) => string;
}

export const TRANSCRIPT_FORMATS: readonly TranscriptFormat[] = [
  { extension: 'vtt', type: 'text/vtt; charset=utf-8', encode: ({ segments }) => toVtt(segments) },
  {
    extension: 'srt',
    type: 'application/x-subrip; charset=utf-8',
    encode: ({ segments }) => toSrt(segments),
  },
  { extension: 'txt', type: 'text/plain; charset=utf-8', encode: toText },
];

/** SubRip. It has no way to quote: what would end a cue, a line break, cannot be in one. */
export function toSrt(segments: readonly Segment[]): string {
  return segments
    .map((segment) => ({ ...segment, text: inOneLine(segment.text) }))
    .filter(({ text }) => text !== '')
    .map(
      ({ start, end, text }, index) => `${index + 1}\r\n${srtTime(start)} --> ${srtTime(end)}\r\n${text}\r\n`,
    )
    .join('\r\n');
}

/** For people: title and link, then each segment with the moment at which it begins. */
export function toText({ title, url, segments }: Pick<VideoRecord, 'title' | 'url' | 'segments'>): string {
  const lines = segments.map(({ start, text }) => `[${clockTime(start)}] ${inOneLine(text)}`);
  return `${[oneLine(title), url, '', ...lines].join('\n')}\n`;
}

/** `hh:mm:ss,mmm` */
function srtTime(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const whole = Math.floor(milliseconds / 1000);
  return `${pad(Math.floor(whole / 3600))}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)},${pad(milliseconds % 1000, 3)}`;
}

/** `m:ss`, or `h:mm:ss` where there are hours. */
function clockTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}

function inOneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}
