import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from '../common/childEnvironment.ts';
import { detectMemorySource } from '../common/memory/detect.ts';
import type { Logger } from '../common/log.ts';
import type { LoomVideoSpec } from '../crds/generated/loomvideo.ts';
import { LocalFile } from './adapters/download/localFile.ts';
import { LoomFallback } from './adapters/download/loomFallback.ts';
import { YtDlpDownloader } from './adapters/download/ytDlp.ts';
import { ffmpegAudioDecoder } from './adapters/ffmpegAudio.ts';
import { whisperTranscriber } from './adapters/whisper.ts';
import { composeStores } from './composeStores.ts';
import type { Config } from './config.ts';
import { StageError } from './contract/stageError.ts';
import type { StageName } from './contract/stageReport.ts';
import { Inference } from './inference/inference.ts';
import type { Ffmpeg } from './media/ffmpeg.ts';
import type { VideoDownloader } from './ports.ts';
import type { MemoryPolicy } from './runStage.ts';
import type { SearchDependencies } from './search/search.ts';
import { locateFfmpeg } from './setup/ffmpeg.ts';
import { embedderFolder, venvFolder, venvPython, whisperFolder } from './setup/folders.ts';
import { fetchStage, type FetchDependencies } from './stages/fetch.ts';
import { indexStage } from './stages/indexStage.ts';
import { purgeStage } from './stages/purge.ts';
import type { Stage } from './stages/stage.ts';
import { transcribeStage } from './stages/transcribe.ts';

const ROOT = join(import.meta.dirname, '..');

/** The inference process ends a minute after its last use. */
const INFERENCE_IDLE_MS = 60_000;

/** Everything the entries work with, its adapters chosen by the configuration. */
export interface Services {
  readonly memory: MemoryPolicy;
  /** One stage of a video with this spec. Throws `CredentialsMissing` where a service it uses lacks variables. */
  stage(name: StageName, spec: LoomVideoSpec): Stage;
  /** `fetch`, `transcribe` and `index`, in order; throws before any of them runs. */
  stages(spec: LoomVideoSpec): Stage[];
  search(embedding: LoomVideoSpec['embedding']): SearchDependencies;
  /** Ends what waits for more work, without waiting for its minute: the inference process. */
  endIdle(): Promise<void>;
  /** Ends child processes and closes the store. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  /** Priority of the children that do heavy work, 0 (as ours) to 19 (last); 0 unless told. */
  readonly niceness?: number;
}

/** The inference process, not yet started. */
export function composeInference({ env }: Config, { niceness = 0 }: ComposeOptions = {}): Inference {
  const places = { env, root: ROOT };
  return new Inference({
    python: venvPython(places),
    whisperFolder: whisperFolder(places),
    embedderFolder: embedderFolder(places),
    env,
    niceness,
    idleMs: INFERENCE_IDLE_MS,
  });
}

/** The one place, with composeStores, where adapters are constructed. Nothing is started or opened before it is used. */
export async function compose(
  config: Config,
  log: Logger,
  { niceness = 0 }: ComposeOptions = {},
): Promise<Services> {
  const places = { env: config.env, root: ROOT };
  const ffmpeg: Ffmpeg = {
    path: await ffmpegPath(places),
    env: childEnvironment(config.env),
    threads: availableParallelism(),
    niceness,
  };
  const inference = composeInference(config, { niceness });
  const stores = composeStores(config, inference, log);
  const random = Math.random;
  const makeStage: Record<StageName, (spec: LoomVideoSpec) => Stage> = {
    fetch: () => fetchStage({ ...ways(config, ffmpeg), ffmpeg, password: config.videoPassword, random }),
    transcribe: () =>
      transcribeStage({
        decoder: ffmpegAudioDecoder({ ...ffmpeg, ffmpegPath: ffmpeg.path }),
        transcriber: whisperTranscriber(inference),
      }),
    index: ({ embedding }) => indexStage({ ...stores.all(embedding), random }),
    purge: () => purgeStage({ ...stores.lasting(), random }),
  };

  return {
    memory: memoryPolicy(config),
    stage: (name, spec) => makeStage[name](spec),
    stages: (spec) => [makeStage.fetch(spec), makeStage.transcribe(spec), makeStage.index(spec)],
    search: (embedding) => ({ ...stores.all(embedding), log }),
    endIdle: () => inference.close(),
    async close() {
      await inference.close();
      await stores.close();
    },
  };
}

/** The ways to get a recording: yt-dlp alone in production; in development what comes after it, links and files too. */
function ways(config: Config, ffmpeg: Ffmpeg): Pick<FetchDependencies, 'loom' | 'direct' | 'file'> {
  const { env, production, loomApiKey: apiKey } = config;
  const path = join(venvFolder({ env, root: ROOT }), 'bin', 'yt-dlp');
  const ytDlp: VideoDownloader = new YtDlpDownloader({ path, ffmpeg, env });
  if (production) return { loom: [ytDlp], direct: undefined, file: undefined };
  const media = new YtDlpDownloader({ path, ffmpeg, env, extractor: 'generic' });
  const fallbacks = (['loom-api', 'cdn', 'open-graph'] as const).map(
    (source) => new LoomFallback({ source, media, env, apiKey }),
  );
  return { loom: [ytDlp, ...fallbacks], direct: media, file: new LocalFile() };
}

async function ffmpegPath(places: { env: NodeJS.ProcessEnv; root: string }): Promise<string> {
  try {
    return (await locateFfmpeg(places)).path;
  } catch (error) {
    throw new StageError('ConfigurationInvalid', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

/** The budget is the smaller of ours and the container's. */
function memoryPolicy({ memoryLimitBytes, memoryGuard }: Config): MemoryPolicy {
  const source = detectMemorySource();
  const limitBytes = Math.min(memoryLimitBytes, source.limitBytes ?? memoryLimitBytes);
  return { source, limitBytes, guard: memoryGuard };
}
