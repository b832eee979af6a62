import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../common/log.ts';
import type { LoomVideoSpecInput } from '../../crds/generated/loomvideo.ts';
import { YtDlpDownloader } from '../../jobrunner/adapters/download/ytDlp.ts';
import type { VideoArtifact } from '../../jobrunner/artifacts.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { readVideo } from '../../jobrunner/readArtifacts.ts';
import { parseSpec } from '../../jobrunner/contract/spec.ts';
import { fetchStage, type FetchDependencies } from '../../jobrunner/stages/fetch.ts';
import type { StageFacts, StageProgress } from '../../jobrunner/stages/stage.ts';
import { WorkFolder } from '../../jobrunner/workFolder.ts';
import type { Loom } from './loom/server.ts';
import type { Tools } from './media/tools.ts';
import { strayProcesses } from './strayProcesses.ts';

export interface FetchRunOptions {
  readonly tools: Tools;
  readonly url: string;
  readonly limits?: LoomVideoSpecInput['limits'];
  readonly source?: 'whisper' | 'captions' | 'auto';
  readonly password?: string;
  /** Ways instead of yt-dlp alone, as production has it. */
  readonly ways?: (env: NodeJS.ProcessEnv) => Partial<Pick<FetchDependencies, 'loom' | 'direct' | 'file'>>;
  readonly signal?: AbortSignal;
  /** Called at each report of progress, for what a test does in the middle. */
  readonly onProgress?: (progress: StageProgress) => void;
  /** A folder of an earlier run; a new one unless told, which is removed. */
  readonly folder?: string;
}

/** All that can be seen of one run of the fetch stage from outside. */
export interface FetchRun {
  readonly facts: StageFacts | undefined;
  readonly error: StageError | undefined;
  /** Names in the working folder afterwards. */
  readonly files: readonly string[];
  readonly artifact: VideoArtifact | undefined;
  readonly log: readonly string[];
  readonly progress: readonly StageProgress[];
  /** Command lines of children that still run. */
  readonly orphans: readonly string[];
  readonly seconds: number;
}

/** The environment a run against the stand-in has; `tmpDir` marks its processes: see strayProcesses. */
export function loomEnv(loom: Loom, tmpDir?: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], ...loom.env, ...(tmpDir !== undefined && { TMPDIR: tmpDir }) };
}

/** yt-dlp against the stand-in, as the product runs it. */
export function ytDlp(
  tools: Tools,
  env: NodeJS.ProcessEnv,
  extractor: 'loom' | 'generic' = 'loom',
): YtDlpDownloader {
  return new YtDlpDownloader({
    path: tools.ytDlp,
    ffmpeg: { path: tools.ffmpeg, env, threads: 2 },
    env,
    extractor,
  });
}

/** Runs the fetch stage once and looks at everything it leaves. Errors that are no StageError are thrown on. */
export async function runFetch(loom: Loom, options: FetchRunOptions): Promise<FetchRun> {
  const { tools, url, limits, source = 'whisper' } = options;
  const path = options.folder ?? (await mkdtemp(join(tmpdir(), 'fetch-test-')));
  const folder = new WorkFolder(path);
  const log: string[] = [];
  const progress: StageProgress[] = [];
  const env = loomEnv(loom, path);
  const stage = fetchStage({
    loom: [ytDlp(tools, env)],
    direct: undefined,
    file: undefined,
    ...options.ways?.(env),
    ffmpeg: { path: tools.ffmpeg, env, threads: 2 },
    password: options.password,
    random: () => 0,
    // Repetitions wait a twentieth as long as in the product.
    retryBaseMs: 50,
  });
  const spec = parseSpec({ url, transcription: { source }, ...(limits && { limits }) }, { anyUrl: true });
  const started = performance.now();
  let facts: StageFacts | undefined;
  let error: StageError | undefined;
  try {
    facts = await stage.run({
      job: { name: 'test', owner: { key: 'local.default.test', uid: 'test' }, spec },
      folder,
      log: createLogger({ level: 'debug', format: 'plain', write: (line) => log.push(line.trimEnd()) }),
      signal: options.signal ?? new AbortController().signal,
      onProgress: (step) => {
        progress.push(step);
        options.onProgress?.(step);
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof StageError)) throw thrown;
    error = thrown;
  }
  const seconds = (performance.now() - started) / 1000;
  const files = (await readdir(path)).sort();
  const artifact = await readVideo(folder);
  const orphans = await strayProcesses(path);
  if (options.folder === undefined) await rm(path, { recursive: true, force: true });
  return { facts, error, files, artifact, log, progress, orphans, seconds };
}
