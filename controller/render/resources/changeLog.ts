import type { DatabaseSync, StatementSync, SQLOutputValue } from 'node:sqlite';
import { expired } from './failures.ts';
import type { LoomVideo } from './resource.ts';
import type { Change } from './resourceStore.ts';

/** How much of the past a watch can go on from. */
export interface LogBounds {
  readonly maxChanges: number;
  /** Of the objects in it, in bytes of JSON. */
  readonly maxSize: number;
  readonly maxAgeMs: number;
}

/** Changes that are kept in memory, as objects: watches that keep up never read the disk. */
const RECENT = 256;
/** Characters of JSON that they may have together: an object has some thousand, and at most a million. */
const RECENT_SIZE = 4 * 1024 * 1024;

/** Old changes removed with each new one: the log shrinks as fast as need be without a slow write in between. */
const REMOVED_AT_ONCE = 50;

/** The log of changes, in the file of the store; the newest also in memory. Used within the store's transactions. */
export class ChangeLog {
  readonly #bounds: LogBounds;
  readonly #insert: StatementSync;
  readonly #after: StatementSync;
  readonly #oldest: StatementSync;
  readonly #remove: StatementSync;
  readonly #forget: StatementSync;
  readonly #size: StatementSync;
  readonly #setSize: StatementSync;
  #recent: { readonly change: Change; readonly size: number }[] = [];
  #recentSize = 0;
  /** The newest version that is forgotten. */
  #forgotten: number;

  constructor(db: DatabaseSync, bounds: LogBounds) {
    this.#bounds = bounds;
    this.#insert = db.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?)');
    this.#after = db.prepare('SELECT * FROM changes WHERE version > ? ORDER BY version LIMIT ?');
    this.#oldest = db.prepare(
      'SELECT version, at, octet_length(object) AS size FROM changes ORDER BY version LIMIT ?',
    );
    this.#remove = db.prepare('DELETE FROM changes WHERE version <= ?');
    this.#forget = db.prepare('UPDATE counters SET forgotten = ?');
    this.#size = db.prepare('SELECT log_size FROM counters');
    this.#setSize = db.prepare('UPDATE counters SET log_size = ?');
    this.#forgotten = Number(db.prepare('SELECT forgotten FROM counters').get()?.['forgotten']);
  }

  /** Writes a change; `text` is its object in JSON. Within the transaction that changes the object. */
  write({ version, type, labelsBefore }: Change, text: string, now: Date): void {
    this.#insert.run(version, now.getTime(), type, labelsBefore ? JSON.stringify(labelsBefore) : null, text);
    const { maxChanges, maxSize, maxAgeMs } = this.#bounds;
    let size = Number(this.#size.get()?.['log_size']) + Buffer.byteLength(text);
    let last: number | undefined;
    for (const old of this.#oldest.all(REMOVED_AT_ONCE)) {
      // Each change raises the version by one. The newest stays, however large.
      const tooMany = Number(old['version']) <= version - maxChanges || size > maxSize;
      if (Number(old['version']) === version || (!tooMany && Number(old['at']) >= now.getTime() - maxAgeMs))
        break;
      last = Number(old['version']);
      size -= Number(old['size']);
    }
    this.#setSize.run(size);
    if (last === undefined) return;
    this.#remove.run(last);
    this.#forget.run(last);
  }

  /** After the transaction: what was written is true now. */
  committed(change: Change, size: number): void {
    this.#recent.push({ change, size });
    this.#recentSize += size;
    while (this.#recent.length > RECENT || (this.#recentSize > RECENT_SIZE && this.#recent.length > 1))
      this.#recentSize -= this.#recent.shift()?.size ?? 0;
  }

  /** The next changes after a version, at most `limit`. Throws the refusal `Expired` when some of them are forgotten. */
  after(version: number, current: number, limit: number): readonly Change[] {
    if (version >= current) return [];
    this.check(version);
    const first = this.#recent[0]?.change;
    if (first && version >= first.version - 1) {
      const at = version + 1 - first.version;
      return this.#recent.slice(at, at + limit).map(({ change }) => change);
    }
    return this.#after.all(version, limit).map(toChange);
  }

  /** Throws the refusal `Expired` where changes after this version are forgotten. */
  check(version: number): void {
    const oldest = this.#oldest.get(1)?.['version'];
    if (oldest !== undefined) this.#forgotten = Number(oldest) - 1;
    if (version < this.#forgotten) throw expired(`too old resource version: ${version} (${this.#forgotten})`);
  }
}

function toChange(row: Record<string, SQLOutputValue>): Change {
  const before = row['labels_before'];
  /* oxlint-disable no-unsafe-type-assertion -- `write` wrote them */
  return {
    version: Number(row['version']),
    type: row['type'] as Change['type'],
    video: JSON.parse(String(row['object'])) as LoomVideo,
    labelsBefore: typeof before === 'string' ? (JSON.parse(before) as Record<string, string>) : undefined,
  };
  /* oxlint-enable no-unsafe-type-assertion */
}
