import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { systemClock, type Clock } from '../../../common/clock.ts';
import { openOwnDatabase } from '../../../jobrunner/adapters/sqlite/ownDatabase.ts';
import { toStoreError } from '../../../jobrunner/adapters/sqlite/storeError.ts';
import { inTransaction } from '../../../jobrunner/adapters/sqlite/transaction.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import { isActive, type Attempt } from './attempt.ts';
import type { PastRun } from './runHistory.ts';
import { RUN_TABLE, RunTable } from './runTable.ts';

/** Marks the file as ours (`LoRt` in ASCII). */
const APPLICATION_ID = 0x4c6f5274;

/** Of these tables and of the records in them, raised with every change. */
const VERSION = 2;

/** Milliseconds to wait for another process that has the file open, such as a backup. */
const BUSY_TIMEOUT_MS = 5000;

const TABLES = `
  CREATE TABLE attempts (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE kills (
    video_uid TEXT NOT NULL, run INTEGER NOT NULL, stage TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (video_uid, run, stage)
  ) STRICT;
  CREATE TABLE arrivals (place INTEGER PRIMARY KEY, video_uid TEXT NOT NULL UNIQUE) STRICT;
  ${RUN_TABLE}
`;

/**
 * What the runtime remembers beyond the resources: attempts, the runs they were, how often a video killed the process, and
 * the order in which videos came. Synchronous, each call on the disk when it returns. Throws StageError where the disk
 * refuses; nothing is changed then.
 */
export class RuntimeStore {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #db: DatabaseSync;
  readonly #runs: RunTable;
  readonly #attempts = new Map<string, Attempt>();
  readonly #places = new Map<string, number>();
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  constructor(file: string, clock: Clock = systemClock) {
    this.#file = file;
    this.#clock = clock;
    try {
      this.#db = openOwnDatabase({
        file,
        options: { timeout: BUSY_TIMEOUT_MS },
        applicationId: APPLICATION_ID,
        version: VERSION,
        tables: TABLES,
        startOver: 'the videos under way begin again',
        prepare: forgetOtherVersion,
        settings: () =>
          'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 1048576',
      });
      this.#runs = new RunTable(this.#db);
      this.#put = this.#db.prepare(
        'INSERT INTO attempts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET record = excluded.record',
      );
      this.#drop = this.#db.prepare('DELETE FROM attempts WHERE name = ?');
      for (const { name, record } of this.#db.prepare('SELECT * FROM attempts ORDER BY rowid').all())
        // oxlint-disable-next-line no-unsafe-type-assertion -- written by put below, in this version
        this.#attempts.set(String(name), JSON.parse(String(record)) as Attempt);
      for (const { place, video_uid: uid } of this.#db.prepare('SELECT * FROM arrivals').all())
        this.#places.set(String(uid), Number(place));
    } catch (error) {
      throw toStoreError(error, file);
    }
  }

  /** In the order in which they were made, whatever the clock said then. */
  attempts(): Attempt[] {
    return [...this.#attempts.values()];
  }

  attemptsOf(videoUid: string): Attempt[] {
    return this.attempts().filter((attempt) => attempt.videoUid === videoUid);
  }

  attempt(name: string): Attempt | undefined {
    return this.#attempts.get(name);
  }

  put(attempt: Attempt): Attempt {
    this.#writing(() => this.#write(attempt));
    this.#attempts.set(attempt.name, attempt);
    return attempt;
  }

  /** One that had not ended is remembered as stopped. */
  forgetAttempt(name: string): void {
    const attempt = this.#attempts.get(name);
    if (!attempt) return;
    this.#writing(() => {
      this.#drop.run(name);
      if (isActive(attempt)) this.#runs.stopped(attempt, this.#clock.now());
    });
    this.#attempts.delete(name);
  }

  /** The last runs of a video, oldest first. Takes some microseconds. */
  runsOf(videoUid: string): PastRun[] {
    try {
      return this.#runs.of(videoUid);
    } catch (error) {
      throw toStoreError(error, this.#file);
    }
  }

  /**
   * The process died in this stage of the attempt. Puts the attempt as it goes on, knowing how often that was in its run; in
   * one step with the count, so that no death is counted twice.
   */
  countKill(attempt: Attempt, stage: StageName, goesOn: (kills: number) => Attempt): Attempt {
    const after = this.#writing(() => {
      const row = this.#db
        .prepare(
          `INSERT INTO kills VALUES (?, ?, ?, 1)
           ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count`,
        )
        .get(attempt.videoUid, attempt.run, stage);
      const next = goesOn(Number(row?.['count']));
      this.#write(next);
      return next;
    });
    this.#attempts.set(after.name, after);
    return after;
  }

  /** The video's place in the order in which videos came; it takes the last one where it has none. */
  placeOf(videoUid: string): number {
    const known = this.#places.get(videoUid);
    if (known !== undefined) return known;
    const place = this.#writing(() =>
      Number(this.#db.prepare('INSERT INTO arrivals (video_uid) VALUES (?)').run(videoUid).lastInsertRowid),
    );
    this.#places.set(videoUid, place);
    return place;
  }

  isKnown(videoUid: string): boolean {
    return this.#places.has(videoUid);
  }

  /** Videos of which anything is remembered. */
  videoUids(): Set<string> {
    return new Set([...this.#places.keys(), ...this.attempts().map(({ videoUid }) => videoUid)]);
  }

  /** The video is gone; its attempts are forgotten one by one, as they end. */
  forgetVideo(videoUid: string): void {
    this.#writing(() => {
      this.#db.prepare('DELETE FROM kills WHERE video_uid = ?').run(videoUid);
      this.#db.prepare('DELETE FROM arrivals WHERE video_uid = ?').run(videoUid);
      this.#runs.forget(videoUid);
    });
    this.#places.delete(videoUid);
  }

  close(): void {
    this.#db.close();
  }

  #write(attempt: Attempt): void {
    this.#put.run(attempt.name, JSON.stringify(attempt));
    // Of a video that is gone nothing new is remembered: nobody would ever forget it.
    if (attempt.kind === 'process' && this.isKnown(attempt.videoUid))
      this.#runs.note(attempt, this.#attempts.get(attempt.name));
  }

  #writing<T>(write: () => T): T {
    try {
      return inTransaction(this.#db, write);
    } catch (error) {
      throw toStoreError(error, this.#file);
    }
  }
}

/**
 * What another version of ours wrote goes, rather than stopping the start: its attempts count as lost and are made again,
 * and videos keep their order of creation.
 */
function forgetOtherVersion(db: DatabaseSync): void {
  const { id } = db.prepare('SELECT application_id AS id FROM pragma_application_id').get() ?? {};
  const { version } = db.prepare('SELECT user_version AS version FROM pragma_user_version').get() ?? {};
  if (id !== APPLICATION_ID || version === VERSION) return;
  const names = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  inTransaction(db, () => {
    for (const { name } of names) db.exec(`DROP TABLE "${String(name)}"`);
  });
}
