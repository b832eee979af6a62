import { oneLine } from '../../common/oneLine.ts';
import type { ProcessResult } from '../result.ts';

/** The result for people: what it is, what was said, how it went; after a failure the reason and what to do. */
export function printResult(
  result: ProcessResult,
  advice: string | undefined,
  write: (text: string) => void,
): void {
  const { outcome, video, transcript, index, memory, timings, reason, message } = result;
  const line = (text = ''): void => write(`${text}\n`);
  line();
  if (video) line(`${oneLine(video.title)} (${clockTime(video.durationSeconds)})`);
  for (const { start, text } of transcript?.segments ?? [])
    line(`  ${clockTime(start)}  ${oneLine(text, 1000)}`);
  if (transcript) line();
  if (outcome === 'Succeeded') {
    if (transcript && transcript.segments.length === 0) line('Nobody speaks in this video.');
    if (index)
      line(
        `Stored ${index.passages} passages as ${result.name} (${index.model}, ${index.vectorStore} and ${index.recordStore}).`,
      );
  } else {
    line(`Failed: ${reason}. ${message}`);
    if (advice !== undefined) line(advice);
  }
  const seconds = Object.entries(timings).map(
    ([name, value]) => `${name.replace(/Seconds$/, '')} ${value.toFixed(1)} s`,
  );
  if (seconds.length > 0) line(`Time: ${seconds.join(', ')}.`);
  if (memory)
    line(`Memory: peak ${memory.peakMb} MB of ${memory.limitMb} MB, ${memory.afterMb} MB at the end.`);
}

/** Seconds as `m:ss`, or `h:mm:ss` from an hour on. */
export function clockTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

const pad = (value: number): string => String(value).padStart(2, '0');
