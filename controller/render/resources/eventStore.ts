import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Clock } from '../../../common/clock.ts';
import type { Notice } from '../../reconcile/decision.ts';
import type { VideoKey } from './resource.ts';

/** What was told about a video, as `kubectl describe` shows it; the same words again only count. */
export interface VideoEventRecord extends Notice {
  readonly id: number;
  readonly namespace: string;
  readonly video: string;
  readonly uid: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface EventFilter {
  readonly namespace?: string;
  readonly video?: string;
  readonly uid?: string;
}

/** Bounded: the oldest go. Synchronous, as the store of the videos. */
export interface EventStore {
  record(video: VideoKey & { readonly uid: string }, notice: Notice): void;
  /** In the order in which they were last told. */
  list(filter?: EventFilter): readonly VideoEventRecord[];
}

/** As kube-apiserver keeps them. */
export const EVENT_AGE_MS = 60 * 60_000;
const MAX_EVENTS = 5000;

export class SqliteEventStore implements EventStore {
  readonly #clock: Clock;
  readonly #record: StatementSync;
  readonly #list: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync, clock: Clock) {
    this.#clock = clock;
    this.#record = db.prepare(
      `INSERT INTO events (namespace, video, uid, type, reason, message, count, first_at, last_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)
       ON CONFLICT DO UPDATE SET count = count + 1, last_at = excluded.last_at`,
    );
    this.#list = db.prepare(
      `SELECT * FROM events WHERE last_at >= ?4 AND (?1 IS NULL OR namespace = ?1) AND (?2 IS NULL OR video = ?2)
       AND (?3 IS NULL OR uid = ?3) ORDER BY last_at, id`,
    );
    this.#forget = db.prepare(
      `DELETE FROM events WHERE last_at < ?1
       OR id IN (SELECT id FROM events ORDER BY last_at DESC, id DESC LIMIT -1 OFFSET ?2)`,
    );
  }

  record({ namespace, name, uid }: VideoKey & { readonly uid: string }, notice: Notice): void {
    const now = this.#clock.now().getTime();
    this.#forget.run(now - EVENT_AGE_MS, MAX_EVENTS);
    this.#record.run(namespace, name, uid, notice.type, notice.reason, notice.message, now);
  }

  list({ namespace, video, uid }: EventFilter = {}): readonly VideoEventRecord[] {
    const since = this.#clock.now().getTime() - EVENT_AGE_MS;
    return this.#list.all(namespace ?? null, video ?? null, uid ?? null, since).map(toRecord);
  }
}

function toRecord(row: Record<string, SQLOutputValue>): VideoEventRecord {
  return {
    id: Number(row['id']),
    namespace: String(row['namespace']),
    video: String(row['video']),
    uid: String(row['uid']),
    type: row['type'] === 'Warning' ? 'Warning' : 'Normal',
    reason: String(row['reason']),
    message: String(row['message']),
    count: Number(row['count']),
    firstAt: new Date(Number(row['first_at'])),
    lastAt: new Date(Number(row['last_at'])),
  };
}
