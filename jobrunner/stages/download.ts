import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { oneLine } from '../../common/oneLine.ts';
import { parseDuration } from '../../common/quantity.ts';
import { retry } from '../../common/retry.ts';
import type { Reason } from '../contract/reasons.ts';
import { StageError } from '../contract/stageError.ts';
import type { DownloadedVideo, DownloadLimits, DownloadProgress, VideoDownloader } from '../ports.ts';
import type { VideoSource } from './source.ts';
import type { StageContext } from './stage.ts';

/**
 * Runs of one way before it counts as failed, by how it failed. Refusals for the moment are waited out: about 1, 2, 4
 * and 8 s fit into a minute. A broken transfer yt-dlp has tried again itself. A signed link may have run out between
 * asking and loading: asked again once, a refusal is a refusal.
 */
const ATTEMPTS: Partial<Record<Reason, number>> = {
  RateLimited: 5,
  LoomUnavailable: 5,
  DownloadFailed: 3,
  DownloadForbidden: 2,
};
/** `auto` can do without Loom's captions: from this attempt on it does, they may be what fails. */
const AUTO_WITHOUT_CAPTIONS = 3;

export interface DownloadDependencies {
  readonly context: StageContext;
  readonly limits: DownloadLimits;
  /** Name of the scratch folder to download into. */
  readonly incoming: string;
  readonly password: string | undefined;
  readonly random: () => number;
  readonly retryBaseMs?: number;
}

export interface DownloadOutcome {
  readonly source: VideoDownloader['source'];
  readonly video: DownloadedVideo;
  /** Absolute path of the folder that `video`'s files are in. */
  readonly folder: string;
}

const NAMES: Record<VideoDownloader['source'], string> = {
  'yt-dlp': 'yt-dlp',
  'loom-api': 'Loom API',
  cdn: 'CDN',
  'open-graph': 'Standard video processing',
  direct: 'Direct',
  file: 'File',
};

/**
 * Tries the ways in order, each with its repetitions, all within the download timeout. A permanent failure ends it:
 * no other way makes a private video public. Throws the StageError of the first way, which says most.
 */
export async function downloadFrom(
  source: VideoSource,
  options: DownloadDependencies,
): Promise<DownloadOutcome> {
  const { context } = options;
  const { log } = context;
  using timeout = startTimeout(context);
  const signal = AbortSignal.any([context.signal, timeout.signal]);
  let first: unknown;
  for (const way of source.downloaders) {
    try {
      return await downloadBy(way, source.url, signal, options);
    } catch (error) {
      const failure = error instanceof StageError ? error : undefined;
      const message = oneLine(failure?.message ?? String(error), 400);
      log.error(
        { source: way.source, reason: failure?.reason },
        `❌ ${NAMES[way.source]} download failed: ${message}`,
      );
      first ??= error;
      if (failure?.retryable === false) throw failure;
      if (failure === undefined || signal.aborted) throw first;
    }
  }
  throw first;
}

async function downloadBy(
  way: VideoDownloader,
  url: string,
  signal: AbortSignal,
  { context, limits, incoming, password, random, retryBaseMs = 1000 }: DownloadDependencies,
): Promise<DownloadOutcome> {
  const { folder, log } = context;
  return retry(
    async (attempt) => {
      const path = await folder.scratch(incoming);
      const video = await way.download({
        url,
        folder: path,
        limits,
        wantCaptions: wantsCaptions(context, attempt),
        ...(password !== undefined && { password }),
        signal,
        onInfo: ({ title, durationSeconds }) => {
          const duration = durationSeconds === undefined ? 'unknown' : `${durationSeconds}s`;
          log.info(`✅ Video info extracted: ${oneLine(title)} - Duration: ${duration}`);
        },
        onProgress: (progress) => report(context, progress),
      });
      const { size } = await stat(join(path, video.file));
      log.info(`✅ Successfully downloaded using ${NAMES[way.source]}: ${video.file} (${size} bytes)`);
      return { source: way.source, video, folder: path };
    },
    {
      signal,
      random,
      baseMs: retryBaseMs,
      maxMs: retryBaseMs * 8,
      shouldRetry: mayRepeat,
      retryAfterMs: (error) =>
        error instanceof StageError && error.retryAfterSeconds !== undefined
          ? error.retryAfterSeconds * 1000
          : undefined,
      onRetry: (error, attempt, waitMs) => {
        const why = oneLine(error instanceof Error ? error.message : String(error));
        log.warn(`Download attempt ${attempt} failed, the next follows in ${Math.round(waitMs)} ms: ${why}`);
      },
    },
  );
}

function mayRepeat(error: unknown, attempt: number): boolean {
  return error instanceof StageError && attempt < (ATTEMPTS[error.reason] ?? 1);
}

function wantsCaptions({ job }: StageContext, attempt: number): boolean {
  const { source } = job.spec.transcription;
  return source === 'captions' || (source === 'auto' && attempt < AUTO_WITHOUT_CAPTIONS);
}

function report({ onProgress }: StageContext, { bytes, percent }: DownloadProgress): void {
  const detail = `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  onProgress({ stage: 'fetch', detail, ...(percent !== undefined && { percent: Math.round(percent) }) });
}

function startTimeout({ job }: StageContext): { signal: AbortSignal; [Symbol.dispose](): void } {
  const { downloadTimeout } = job.spec.limits;
  const controller = new AbortController();
  const message = `The download was not finished within ${downloadTimeout}.`;
  const timer = setTimeout(
    () => controller.abort(new StageError('DownloadTimeout', message)),
    parseDuration(downloadTimeout) * 1000,
  );
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
