import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { toStoreError } from '../../../jobrunner/adapters/sqlite/storeError.ts';
import type { LogBounds } from './changeLog.ts';
import { readCrd } from './crd.ts';
import { openResourceDatabase } from './database/openResourceDatabase.ts';
import { SqliteEventStore, type EventStore } from './eventStore.ts';
import type { ResourceStore } from './resourceStore.ts';
import { SqliteResourceStore } from './sqliteResourceStore.ts';

export interface ResourcesOptions {
  /** Made, with its folder, where it is absent. */
  readonly file: string;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly newUid?: () => string;
  /** How far back a watch can go on from: 5,000 changes, 32 MB and an hour unless told. */
  readonly bounds?: Partial<LogBounds>;
}

/** All that Render mode remembers about its resources, in one file. */
export interface Resources {
  readonly videos: ResourceStore;
  readonly events: EventStore;
  /** Ends the watches and closes the file. */
  readonly close: () => void;
}

/** Blocks for some milliseconds. Throws StageError where the file cannot be used, with what to do. */
export function openResources({
  file,
  log,
  clock = systemClock,
  newUid = randomUUID,
  bounds,
}: ResourcesOptions): Resources {
  try {
    const crd = readCrd();
    const db = openResourceDatabase(file);
    const videos = new SqliteResourceStore({
      db,
      file,
      crd,
      clock,
      log,
      newUid,
      bounds: { maxChanges: 5000, maxSize: 32 * 1024 * 1024, maxAgeMs: 60 * 60_000, ...bounds },
    });
    return {
      videos,
      events: new SqliteEventStore(db, clock),
      close: () => {
        videos.close();
        db.close();
      },
    };
  } catch (error) {
    throw toStoreError(error, file);
  }
}
