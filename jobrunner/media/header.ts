import { COMMON_OPTIONS, runFfmpeg, untrustedInput, type Ffmpeg } from './ffmpeg.ts';

/** What a recording's header claims. */
export interface MediaHeader {
  /** Undefined where the container does not say (WebM as browsers record it). */
  readonly durationSeconds: number | undefined;
  readonly video: { readonly width: number; readonly height: number } | undefined;
  readonly hasAudio: boolean;
}

/**
 * Reads a header through `ffmpeg -i` (the binaries that come from the registries have no ffprobe). Undefined when
 * ffmpeg cannot make out a recording. A second is plenty: only the header is read.
 */
export async function readHeader(
  ffmpeg: Ffmpeg,
  path: string,
  demuxer: string,
  signal: AbortSignal,
): Promise<MediaHeader | undefined> {
  const parser = new HeaderParser();
  // Without an output ffmpeg shows the header and ends with an error of its own, which says nothing of the file.
  await runFfmpeg(ffmpeg, {
    args: [...COMMON_OPTIONS, '-threads', '1', ...untrustedInput(demuxer, path)],
    signal,
    timeoutMs: 20_000,
    onStderrLine: (line) => parser.line(line),
  });
  return parser.header;
}

/**
 * Reads the lines in which ffmpeg describes its input. They are told from a file's own tags, which a stranger
 * writes, by their indentation: tags stand deeper, and ffmpeg indents their further lines.
 */
export class HeaderParser {
  #duration: number | undefined;
  #described = false;
  #video: MediaHeader['video'];
  #hasAudio = false;

  line(line: string): void {
    const duration = /^ {2}Duration: (?:N\/A|(-?)(\d+):(\d{2}):(\d{2}(?:\.\d+)?)),/.exec(line);
    if (duration && !this.#described) {
      this.#described = true;
      const [, minus, hours, minutes, seconds] = duration;
      if (hours !== undefined && !minus) {
        this.#duration = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      }
    }
    const stream = /^ {2}Stream #0:\d+(?:\[[^\]]*\])?(?:\([^)]*\))?: (Video|Audio): (.*)$/.exec(line);
    if (stream?.[1] === 'Audio') this.#hasAudio = true;
    // A cover picture is listed as a video stream too, but is none.
    if (stream?.[1] === 'Video' && !line.endsWith('(attached pic)')) this.#video ??= sizeIn(stream[2] ?? '');
  }

  get header(): MediaHeader | undefined {
    if (!this.#described) return undefined;
    return { durationSeconds: this.#duration, video: this.#video, hasAudio: this.#hasAudio };
  }
}

/** The picture's size in a stream's description: `…, yuv420p(progressive), 854x480 [SAR 1:1 …`. */
function sizeIn(description: string): { width: number; height: number } {
  const size = /, (\d{1,6})x(\d{1,6})(?=[, ]|$)/.exec(description);
  return { width: Number(size?.[1] ?? 0), height: Number(size?.[2] ?? 0) };
}
