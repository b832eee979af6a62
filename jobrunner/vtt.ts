import type { Segment } from './artifacts.ts';

/** The segments as a WebVTT file. Their text cannot break out of its cue or bring markup with it. */
export function toVtt(segments: readonly Segment[]): string {
  const cues = segments.map(
    ({ start, end, text }, index) =>
      `${index + 1}\n${timestamp(start)} --> ${timestamp(end)}\n${escapeCue(text)}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

function escapeCue(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `hh:mm:ss.mmm` */
function timestamp(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  return `${pad(Math.floor(milliseconds / 3_600_000))}:${pad(Math.floor(milliseconds / 60_000) % 60)}:${pad(
    Math.floor(milliseconds / 1000) % 60,
  )}.${pad(milliseconds % 1000, 3)}`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}
