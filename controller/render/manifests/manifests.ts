import { Folder, PRUNE_AFTER_MS, type FolderOptions } from './folderPass.ts';
import type { ManifestsStatus } from './status.ts';
import { FolderWatches } from './watchFolders.ts';

/** After the first change of several, milliseconds: a checkout writes many files. */
const AFTER_CHANGE_MS = 300;
/** What no change was told of, as on network volumes; milliseconds. */
const EVERY_MS = 60_000;

export interface Manifests {
  readonly status: () => ManifestsStatus;
  /** Resolves when nothing more is written. */
  stop(): Promise<void>;
}

/**
 * Keeps the LoomVideos of the store as the folder's manifests say, from now on until it is stopped: after each change, when
 * one that has a manifest is deleted, and once a minute.
 */
export function startManifests(options: FolderOptions): Manifests {
  const { folder: path, videos, log } = options;
  const folder = new Folder(options);
  const stopping = new AbortController();
  let status: ManifestsStatus = { folder: path, files: [] };
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> | undefined;
  let isChanged = false;

  const lookWithin = (ms: number): void => {
    const at = performance.now() + ms;
    if (stopping.signal.aborted || running || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => {
      dueAt = Number.POSITIVE_INFINITY;
      running = look().finally(() => {
        running = undefined;
        lookWithin(isChanged ? AFTER_CHANGE_MS : nextMs);
        isChanged = false;
      });
    }, ms);
  };
  let nextMs = EVERY_MS;
  const changed = (): void => {
    isChanged = running !== undefined;
    lookWithin(AFTER_CHANGE_MS);
  };
  const watches = new FolderWatches(changed);
  const unsubscribe = videos.subscribe(({ type, video: { metadata } }) => {
    if (type === 'DELETED' && folder.declares(metadata)) changed();
  });

  async function look(): Promise<void> {
    try {
      const passed = await folder.pass(stopping.signal);
      ({ status } = passed);
      if (stopping.signal.aborted) return;
      if (watches.set(passed.folders ?? [])) isChanged = true;
      nextMs = passed.isUnsettled ? PRUNE_AFTER_MS : EVERY_MS;
    } catch (error) {
      log.error({ err: error }, 'The manifests could not be applied');
      nextMs = PRUNE_AFTER_MS;
    }
  }

  lookWithin(0);
  return {
    status: () => status,
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      unsubscribe();
      watches.close();
      await running;
    },
  };
}
