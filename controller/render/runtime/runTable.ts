import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Attempt } from './attempt.ts';
import { pastRunOf, stoppedRun } from './pastRunOf.ts';
import type { PastRun } from './runHistory.ts';

/** Runs kept of each video: its last ones. */
const KEPT = 10;

/** A run has the name of its attempt, which outlives the attempt. */
export const RUN_TABLE = `
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, video_uid TEXT NOT NULL, record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_of_video ON runs (video_uid, id);
`;

/** The runs of the videos, as {@link PastRun}. Writes belong into the transaction that writes the attempt. */
export class RunTable {
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #write: StatementSync;
  readonly #trim: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT record FROM runs WHERE name = ?');
    this.#list = db.prepare('SELECT record FROM runs WHERE video_uid = ? ORDER BY id');
    this.#write = db.prepare(
      `INSERT INTO runs (name, video_uid, record) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET record = excluded.record`,
    );
    this.#trim = db.prepare(
      `DELETE FROM runs WHERE video_uid = ?1
       AND id NOT IN (SELECT id FROM runs WHERE video_uid = ?1 ORDER BY id DESC LIMIT ${KEPT})`,
    );
    this.#forget = db.prepare('DELETE FROM runs WHERE video_uid = ?');
  }

  /** Oldest first. */
  of(videoUid: string): PastRun[] {
    return this.#list.all(videoUid).map(({ record }) => parse(record));
  }

  /** The attempt stands like this now; `before`: how it stood. */
  note(attempt: Attempt, before: Attempt | undefined): void {
    const known = this.#known(attempt.name);
    const resumed = attempt.state === 'running' && before?.state !== 'running';
    const run = pastRunOf(attempt, known, resumed);
    if (run) this.#save(attempt, run, known);
  }

  /** The attempt was ended, and goes. */
  stopped(attempt: Attempt, now: Date): void {
    const known = this.#known(attempt.name);
    if (known) this.#save(attempt, stoppedRun(known, now), known);
  }

  forget(videoUid: string): void {
    this.#forget.run(videoUid);
  }

  #known(name: string): PastRun | undefined {
    const row = this.#find.get(name);
    return row && parse(row['record']);
  }

  #save({ name, videoUid }: Attempt, run: PastRun, known: PastRun | undefined): void {
    const record = JSON.stringify(run);
    if (known && record === JSON.stringify(known)) return;
    this.#write.run(name, videoUid, record);
    if (!known) this.#trim.run(videoUid);
  }
}

function parse(record: unknown): PastRun {
  // oxlint-disable-next-line no-unsafe-type-assertion -- written by #save, in this version
  return JSON.parse(String(record)) as PastRun;
}
