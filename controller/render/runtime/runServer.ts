import { join } from 'node:path';
import { systemClock } from '../../../common/clock.ts';
import { tryLock } from '../../../common/fileLock.ts';
import type { Logger } from '../../../common/log.ts';
import { compose } from '../../../jobrunner/compose.ts';
import { embeddingOf } from '../../../jobrunner/contract/spec.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import type { RenderConfig } from '../config.ts';
import { startManifests } from '../manifests/manifests.ts';
import { openResources } from '../resources/openResources.ts';
import { ProgressBoard } from './progress.ts';
import { startRuntime, type Runtime } from './runtime.ts';
import { buildServer } from './server.ts';

/** For requests under way when it is asked to stop, milliseconds; then their connections are cut. */
const REQUESTS_GRACE_MS = 5000;

/**
 * Whoever reads comes before the video that is worked on: on half a CPU this took a third off the slowest hundredth of reads,
 * for a transcription that took a sixth longer (docs/decisions/0013-runtime-of-render-mode.md).
 */
const CHILD_NICENESS = 10;

/**
 * Render mode, from start to stop: serves the API and works on the videos until the signal is aborted. Throws StageError
 * for what a user has to put right, and what listening throws.
 */
export async function runServer(config: RenderConfig, log: Logger, signal: AbortSignal): Promise<void> {
  const { pipeline, host, port, apiToken, manifestsDir } = config;
  const { dataDir, workDir } = pipeline;
  const lock = tryLock(join(dataDir, 'render.lock'), systemClock.now());
  if (!lock)
    throw new StageError(
      'ConfigurationInvalid',
      `Another server works on ${dataDir}: end it, or set LOOMVIDEO_DATA_DIR to a folder of its own.`,
    );
  await using end = new AsyncDisposableStack();
  end.defer(() => lock.release());
  const services = await compose(pipeline, log, { niceness: CHILD_NICENESS });
  end.defer(() => services.close());
  // What the services lack is said now, not with the first video.
  const search = services.search(embeddingOf(pipeline.embedding));
  const resources = openResources({ file: join(dataDir, 'resources.db'), log });
  end.defer(() => resources.close());
  const manifests =
    manifestsDir === undefined
      ? undefined
      : startManifests({ folder: manifestsDir, videos: resources.videos, clock: systemClock, log });
  end.defer(() => manifests?.stop());
  const board = new ProgressBoard();
  const started: { runtime?: Runtime } = {};
  const app = buildServer({
    config,
    resources,
    search,
    board,
    runsOf: (uid) => started.runtime?.runsOf(uid) ?? [],
    memory: services.memory.source,
    clock: systemClock,
    log,
    manifests: manifests?.status,
    isReady: () => started.runtime !== undefined && !signal.aborted,
  });
  end.defer(() => app.close());
  const address = await app.listen({ host, port });
  if (apiToken === undefined) log.warn('No LOOMVIDEO_API_TOKEN: whoever can reach this address may write');
  const runtime = startRuntime({
    resources,
    services,
    board,
    file: join(dataDir, 'runtime.db'),
    workDir,
    clock: systemClock,
    log,
  });
  started.runtime = runtime;
  log.info({ address }, `LoomVideo listens at ${address}`);
  await aborted(signal);
  log.info('Stopping: what is under way is saved');
  const cut = setTimeout(() => app.server.closeAllConnections(), REQUESTS_GRACE_MS);
  end.defer(() => clearTimeout(cut));
  await Promise.all([app.close(), runtime.stop(), manifests?.stop()]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
