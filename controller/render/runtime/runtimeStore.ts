import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { toStoreError } from '../../../jobrunner/adapters/sqlite/storeError.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { Attempt } from './attempt.ts';

/** Of these tables. What another version wrote is forgotten: its attempts count as lost, and are made again. */
const VERSION = 1;

const TABLES = `
  DROP TABLE IF EXISTS attempts; DROP TABLE IF EXISTS kills; DROP TABLE IF EXISTS arrivals;
  CREATE TABLE attempts (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE kills (
    video_uid TEXT NOT NULL, run INTEGER NOT NULL, stage TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (video_uid, run, stage)
  ) STRICT;
  CREATE TABLE arrivals (place INTEGER PRIMARY KEY AUTOINCREMENT, video_uid TEXT NOT NULL UNIQUE) STRICT;
  PRAGMA user_version = ${VERSION};
`;

/**
 * What the runtime remembers beyond the resources: attempts, how often a video killed the process, and the order in which
 * videos came. Synchronous, each call on the disk when it returns. Throws StageError where the disk refuses.
 */
export class RuntimeStore {
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #attempts = new Map<string, Attempt>();
  readonly #places = new Map<string, number>();
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  constructor(file: string) {
    this.#file = file;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      this.#db = new DatabaseSync(file, { timeout: 5000 });
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      if (this.#db.prepare('PRAGMA user_version').get()?.['user_version'] !== VERSION) this.#db.exec(TABLES);
      this.#put = this.#db.prepare('INSERT OR REPLACE INTO attempts (name, record) VALUES (?, ?)');
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

  /** In the order in which they were made. */
  attempts(): Attempt[] {
    return [...this.#attempts.values()].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  }

  attemptsOf(videoUid: string): Attempt[] {
    return this.attempts().filter((attempt) => attempt.videoUid === videoUid);
  }

  attempt(name: string): Attempt | undefined {
    return this.#attempts.get(name);
  }

  put(attempt: Attempt): Attempt {
    this.#writing(() => this.#put.run(attempt.name, JSON.stringify(attempt)));
    this.#attempts.set(attempt.name, attempt);
    return attempt;
  }

  forgetAttempt(name: string): void {
    if (!this.#attempts.has(name)) return;
    this.#writing(() => this.#drop.run(name));
    this.#attempts.delete(name);
  }

  /** The process died in this stage of this run; returns how often by now. */
  countKill(videoUid: string, run: number, stage: StageName): number {
    return this.#writing(() =>
      Number(
        this.#db
          .prepare(
            `INSERT INTO kills VALUES (?, ?, ?, 1)
             ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count`,
          )
          .get(videoUid, run, stage)?.['count'],
      ),
    );
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
    });
    this.#places.delete(videoUid);
  }

  close(): void {
    this.#db.close();
  }

  #writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw toStoreError(error, this.#file);
    }
  }
}
