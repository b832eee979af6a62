import type { Logger } from '../../../../common/log.ts';
import type { Chapter } from '../../../../jobrunner/artifacts.ts';
import { StageError } from '../../../../jobrunner/contract/stageError.ts';
import type { RecordStore } from '../../../../jobrunner/ports.ts';
import type { LoomVideo } from '../../resources/resource.ts';
import { ownerKeyOf } from '../../resources/ownerKey.ts';
import { chaptersOf } from './chapters.ts';

/** For a store elsewhere to answer, milliseconds: the rest of the video is not held up longer. */
const WITHIN_MS = 3000;

/** The chapters of what is stored of a video: none where nothing is, or the store does not answer. */
export function storedChapters(
  records: RecordStore,
  log: Logger,
): (video: LoomVideo, signal: AbortSignal) => Promise<readonly Chapter[]> {
  return async ({ metadata, status }, signal) => {
    // Before the index stage there is nothing, and nobody to ask.
    if (status?.index === undefined) return [];
    try {
      const record = await records.find(ownerKeyOf(metadata), {
        signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
      });
      return record?.owner.uid === metadata.uid ? chaptersOf(record.passages) : [];
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      if (!signal.aborted) log.warn({ reason: error.reason }, `Chapters could not be read: ${error.message}`);
      return [];
    }
  };
}
