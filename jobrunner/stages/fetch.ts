import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { oneLine } from '../../common/oneLine.ts';
import { parseDuration, parseQuantity } from '../../common/quantity.ts';
import { ARTIFACT, type VideoArtifact } from '../artifacts.ts';
import { StageError } from '../contract/stageError.ts';
import type { Ffmpeg } from '../media/ffmpeg.ts';
import type { DownloadLimits, VideoDownloader } from '../ports.ts';
import { readVideo } from '../readArtifacts.ts';
import { downloadFrom, type DownloadOutcome } from './download.ts';
import { resolveSource } from './source.ts';
import type { Stage, StageContext, StageFacts } from './stage.ts';
import { validateVideo } from './validate.ts';

export interface FetchDependencies {
  /** Ways to get a Loom video, in order: yt-dlp alone in production, the fallbacks after it in development. */
  readonly loom: readonly VideoDownloader[];
  /** Development only: a direct http(s) link to media. */
  readonly direct: VideoDownloader | undefined;
  /** Development only: a file on this machine. */
  readonly file: VideoDownloader | undefined;
  readonly ffmpeg: Ffmpeg;
  readonly password: string | undefined;
  /** 0 ≤ n < 1, for the spread of waits. */
  readonly random: () => number;
  /** First wait before a repetition, in milliseconds; 1,000 unless told. */
  readonly retryBaseMs?: number;
}

/** Name of the scratch folder in which downloads arrive. */
const INCOMING = 'incoming';
const CAPTIONS = 'captions.vtt';

/** The link or file → `video.*` and `video.json`: downloaded within its limits, then checked. */
export function fetchStage(dependencies: FetchDependencies): Stage {
  return {
    name: 'fetch',

    async finished({ folder }) {
      const video = await readVideo(folder);
      if (!video) return undefined;
      const size = await stat(folder.file(video.file)).then(
        (found) => found.size,
        () => undefined,
      );
      return size === video.sizeBytes ? factsOf(video) : undefined;
    },

    async run(context) {
      const { folder, job, log, signal } = context;
      const source = resolveSource(job.spec.url, dependencies);
      const limits = limitsOf(context);
      try {
        const outcome = await downloadFrom(source, { context, limits, incoming: INCOMING, ...dependencies });
        const { folder: incoming, video } = outcome;
        const valid = await validateVideo(join(incoming, video.file), {
          ffmpeg: dependencies.ffmpeg,
          limits,
          log,
          signal,
        });
        const artifact: VideoArtifact = { url: source.url, ...described(outcome), ...valid };
        await publish(context, incoming, artifact, video.captionsFile);
        return factsOf(artifact);
      } finally {
        await folder.removeScratch(INCOMING);
      }
    },
  };
}

/** Moves what arrived to its final names; `video.json` comes last and makes it count. */
async function publish(
  { folder }: StageContext,
  incoming: string,
  artifact: VideoArtifact,
  captions: string | undefined,
): Promise<void> {
  // A run that was killed right here may have left a recording under another ending.
  for (const name of await readdir(folder.path)) {
    if (name.startsWith('video.') || name === CAPTIONS) await rm(folder.file(name), { force: true });
  }
  await rename(join(incoming, artifact.file), folder.file(artifact.file));
  if (captions !== undefined) await rename(join(incoming, captions), folder.file(CAPTIONS));
  const withCaptions = captions === undefined ? artifact : { ...artifact, captionsFile: CAPTIONS };
  await folder.write(ARTIFACT.video, JSON.stringify(withCaptions));
}

function described({
  source,
  video,
}: DownloadOutcome): Omit<VideoArtifact, 'url' | 'durationSeconds' | 'sizeBytes'> {
  const { title, uploader, chapters } = video.info;
  return {
    file: video.file,
    source,
    title: oneLine(title, LONGEST_TITLE) || 'Untitled',
    ...(uploader !== undefined && { uploader: oneLine(uploader) }),
    chapters: chapters.map(({ start, title: name }) => ({ start, title: oneLine(name) })),
  };
}

/** Loom cuts titles at 255 characters itself; whoever gets around that gains nothing by it. */
const LONGEST_TITLE = 300;

function limitsOf({ job }: StageContext): DownloadLimits {
  const { maxDuration, maxFileSize, maxHeight } = job.spec.limits;
  const maxBytes = parseQuantity(maxFileSize);
  const maxSeconds = parseDuration(maxDuration);
  if (maxBytes === 0 || maxSeconds === 0) {
    throw new StageError(
      'ConfigurationInvalid',
      'spec.limits.maxDuration and maxFileSize must be more than zero.',
    );
  }
  return { maxBytes, maxSeconds, maxHeight };
}

function factsOf(video: VideoArtifact): StageFacts {
  const { title, uploader, durationSeconds, sizeBytes, width, height, source } = video;
  return {
    video: {
      title,
      ...(uploader !== undefined && { uploader }),
      durationSeconds,
      sizeBytes,
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
      source,
    },
  };
}
