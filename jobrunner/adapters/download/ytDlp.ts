import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { childEnvironment } from '../../../common/childEnvironment.ts';
import { describeExit, runChild, type ChildExit } from '../../../common/childProcess.ts';
import { abortError, StageError } from '../../contract/stageError.ts';
import type { Ffmpeg } from '../../media/ffmpeg.ts';
import { readHeader } from '../../media/header.ts';
import { readSignature } from '../../media/signature.ts';
import { startFailure } from '../../startFailure.ts';
import type { DownloadedVideo, DownloadRequest, VideoDownloader, VideoInfo } from '../../ports.ts';
import { guardDownload, guardedNetwork } from './egress/guardDownload.ts';
import { isPlainFormatId } from './formats.ts';
import { readLoomVerdict } from './loomAnswers.ts';
import { arrivedBytes, watchSize } from './sizeWatch.ts';
import { secretConfig, ytDlpArguments } from './ytDlpArguments.ts';
import { metadataError, ytDlpError } from './ytDlpErrors.ts';
import { YtDlpOutput } from './ytDlpOutput.ts';

/** yt-dlp's exit code when `--break-match-filters` stopped it: the duration Loom states is above the limit. */
const EXIT_FILTERED = 101;
/** Silent formats that are tried before a video is believed to have no sound. */
const MOST_SILENT = 3;

export interface YtDlpOptions {
  /** The program, such as `.venv/bin/yt-dlp`. */
  readonly path: string;
  readonly ffmpeg: Ffmpeg;
  readonly env: NodeJS.ProcessEnv;
  /** `loom` (its own extractor) unless told; `generic` for direct links to media. */
  readonly extractor?: 'loom' | 'generic';
}

interface Run {
  readonly exit: ChildExit;
  readonly output: YtDlpOutput;
  readonly info: VideoInfo | undefined;
}

/** Downloads with yt-dlp, one run per call: who calls decides about trying again. */
export class YtDlpDownloader implements VideoDownloader {
  readonly source: VideoDownloader['source'];
  readonly #options: YtDlpOptions;

  constructor(options: YtDlpOptions) {
    this.#options = options;
    this.source = options.extractor === 'generic' ? 'direct' : 'yt-dlp';
  }

  async download(request: DownloadRequest): Promise<DownloadedVideo> {
    const silent: string[] = [];
    for (;;) {
      const { info, output, captionsFile, file } = await this.#once(request, silent);
      const ids = output.format?.ids ?? [];
      const mayExclude = ids.length === 1 && ids.every(isPlainFormatId) && silent.length < MOST_SILENT;
      if (!mayExclude || !(await this.#isSilent(join(request.folder, file), request.signal))) {
        return { info, file, ...(captionsFile !== undefined && { captionsFile }) };
      }
      silent.push(...ids);
      await emptyFolder(request.folder);
    }
  }

  async #once(request: DownloadRequest, silent: readonly string[]) {
    const { exit, output, info } = await this.#run(request, silent);
    const names = await readdir(request.folder);
    if (exit.code === EXIT_FILTERED) throw tooLong(info, request);
    if (output.saidTooLarge) throw tooLarge(request);
    if (exit.code !== 0) {
      if (silent.length > 0 && exit.stderrTail.includes('Requested format is not available'))
        throw allSilent();
      throw ytDlpError(exit.stderrTail, describeExit(exit), await readLoomVerdict(request.folder));
    }
    const file = names.find((name) => /^video\.[a-z0-9]{2,5}$/.test(name) && !name.endsWith('.vtt'));
    if (file === undefined || !info) throw new StageError('DownloadFailed', 'yt-dlp ended without a file.');
    return { info, output, file, captionsFile: names.find((name) => /^video\.[\w-]+\.vtt$/.test(name)) };
  }

  async #run(request: DownloadRequest, silent: readonly string[]): Promise<Run> {
    const { path, ffmpeg, env, extractor = 'loom' } = this.#options;
    let info: VideoInfo | undefined;
    let percent: number | undefined;
    let refused: StageError | undefined;
    const stop = new AbortController();
    const output = new YtDlpOutput({
      onInfo: (found) => {
        info = found;
        if (refused && found.durationSeconds === undefined && found.uploader === undefined)
          stop.abort(refused);
        if (silent.length === 0) request.onInfo(found);
      },
      onPercent: (value) => {
        percent = value;
      },
    });
    await using guard = await guardDownload({
      env,
      url: request.url,
      onRefused: (error) => stop.abort(error),
    });
    const stopWatching = watchSize(request.folder, request.limits.maxBytes, {
      onBytes: (bytes) => request.onProgress({ bytes, ...(percent !== undefined && { percent }) }),
      onTooLarge: () => stop.abort(tooLarge(request)),
    });
    const signal = AbortSignal.any([request.signal, stop.signal]);
    const exit = await runChild({
      command: path,
      args: ytDlpArguments(request, { ffmpegPath: ffmpeg.path, extractor, excluded: silent }),
      env: childEnvironment(env, {
        // A home of its own: no .netrc, configuration or plug-in of the user's takes part.
        ...{ HOME: request.folder, PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' },
        // Nor any program of his: rtmpdump, which yt-dlp starts for rtmp links, knows no proxy.
        PATH: dirname(path),
        ...guardedNetwork(guard),
      }),
      cwd: request.folder,
      signal,
      niceness: ffmpeg.niceness ?? 0,
      onStdoutLine: (line) => output.line(line),
      onStderrLine: (line) => {
        refused ??= metadataError(line);
      },
      input: secretConfig(guard.url, request.password),
    }).finally(stopWatching);
    if (exit.aborted || stop.signal.aborted) throw abortError(signal);
    // The end may come between two looks of the watch.
    if (exit.code === 0 && percent !== undefined)
      request.onProgress({ bytes: await arrivedBytes(request.folder), percent });
    const failure = startFailure(exit);
    if (failure !== undefined) {
      const detail = `yt-dlp cannot be started: it ${failure}. Run \`npm run setup\`.`;
      throw new StageError('ConfigurationInvalid', detail);
    }
    return { exit, output, info };
  }

  /** Whether a recording has no sound. What is no recording at all is left to the validation, which says so. */
  async #isSilent(path: string, signal: AbortSignal): Promise<boolean> {
    const signature = await readSignature(path);
    if (signature.kind !== 'video') return false;
    const header = await readHeader(this.#options.ffmpeg, path, signature.demuxer, signal);
    return header !== undefined && !header.hasAudio;
  }
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

function tooLong(info: VideoInfo | undefined, request: DownloadRequest): StageError {
  const lasts = info?.durationSeconds === undefined ? 'is too long' : `lasts ${info.durationSeconds} s`;
  return new StageError(
    'VideoTooLong',
    `The video ${lasts}; at most ${request.limits.maxSeconds} s are allowed.`,
  );
}

function tooLarge(request: DownloadRequest): StageError {
  return new StageError(
    'VideoTooLarge',
    `The video has more than the ${request.limits.maxBytes} bytes that are allowed.`,
  );
}

function allSilent(): StageError {
  return new StageError('NoAudioTrack', 'No stream that Loom offers of this video has an audio track.');
}
