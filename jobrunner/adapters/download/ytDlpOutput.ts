import { EventEmitter } from 'node:events';
import ytDlpWrap, { type YTDlpEventEmitter } from 'yt-dlp-wrap';
import { MAX_CHAPTERS, MAX_SECONDS, type Chapter } from '../../artifacts.ts';
import type { VideoInfo } from '../../ports.ts';
import { isObject, parseObject } from '../../../common/json.ts';
import { FORMAT_MARK, INFO_MARK } from './ytDlpArguments.ts';

/** Characters of a line of progress, which has some eighty: yt-dlp-wrap's pattern takes their square in time. */
const LONGEST_PROGRESS = 1000;

/** What yt-dlp says it is about to download. */
export interface ChosenFormat {
  /** Two, when picture and sound come apart. */
  readonly ids: readonly string[];
}

export interface OutputEvents {
  readonly onInfo: (info: VideoInfo) => void;
  /** 0–100 over all parts of the download. */
  readonly onPercent: (percent: number) => void;
}

/** Reads yt-dlp's stdout line by line. Titles in it are a stranger's: nothing here decides about files. */
export class YtDlpOutput {
  readonly #events: OutputEvents;
  // oxlint-disable-next-line no-unsafe-type-assertion -- its type asks for a child process; only its emit is used
  readonly #progress = new EventEmitter() as YTDlpEventEmitter;
  #format: ChosenFormat | undefined;
  #tooLarge = false;
  #partsDone = 0;
  #lastPercent = 0;

  constructor(events: OutputEvents) {
    this.#events = events;
    this.#progress.on('progress', ({ percent }: { percent?: number }) => this.#report(percent ?? Number.NaN));
  }

  get format(): ChosenFormat | undefined {
    return this.#format;
  }

  /** yt-dlp ends with success and no file when a file is larger than it may be: only this line says why. */
  get saidTooLarge(): boolean {
    return this.#tooLarge;
  }

  line(line: string): void {
    if (line.startsWith(INFO_MARK)) {
      const info = parseInfo(line.slice(INFO_MARK.length));
      if (info) this.#events.onInfo(info);
    } else if (line.startsWith(FORMAT_MARK)) {
      this.#format = parseFormat(line.slice(FORMAT_MARK.length));
    } else {
      if (line.startsWith('[download] File is larger than max-filesize ')) this.#tooLarge = true;
      if (line.length <= LONGEST_PROGRESS) ytDlpWrap.default.emitYoutubeDlEvents(line, this.#progress);
    }
  }

  #report(percent: number): void {
    if (!(percent >= 0 && percent <= 100)) return;
    const parts = this.#format?.ids.length ?? 1;
    if (percent < this.#lastPercent && this.#lastPercent === 100) this.#partsDone += 1;
    this.#lastPercent = percent;
    this.#events.onPercent(Math.min(100, (this.#partsDone * 100 + percent) / parts));
  }
}

/** The printed metadata; undefined when it is not what was asked for. Types are checked: a stranger wrote it. */
function parseInfo(json: string): VideoInfo | undefined {
  const value = parseObject(json);
  if (!value) return undefined;
  const { title, uploader, duration, chapters } = value;
  return {
    title: typeof title === 'string' ? title : '',
    ...(typeof uploader === 'string' && uploader !== '' && { uploader }),
    ...(typeof duration === 'number' &&
      duration >= 0 &&
      Number.isFinite(duration) && { durationSeconds: duration }),
    chapters: Array.isArray(chapters) ? chapters.flatMap(parseChapter).slice(0, MAX_CHAPTERS) : [],
  };
}

/** None where the next stage would not take it: the video is not to be lost for a chapter. */
function parseChapter(value: unknown): Chapter[] {
  if (!isObject(value)) return [];
  const { start_time: start, title } = value;
  const isPlace = typeof start === 'number' && start >= 0 && start <= MAX_SECONDS;
  return isPlace && typeof title === 'string' ? [{ start, title }] : [];
}

function parseFormat(json: string): ChosenFormat | undefined {
  const id = parseObject(json)?.['format_id'];
  return typeof id === 'string' ? { ids: id.split('+') } : undefined;
}
