import type { DatabaseSync } from 'node:sqlite';
import type { Owner } from '../../contract/videoJob.ts';
import type { VectorHit, VectorQuery, VectorRecord } from '../../ports.ts';
import { inTransaction } from './transaction.ts';

/** The SQL of the vector store. Runs in the worker. */

export function upsertVectors(
  db: DatabaseSync,
  owner: Owner,
  model: string,
  records: readonly VectorRecord[],
): void {
  inTransaction(db, () => {
    const insert = db.prepare(
      `INSERT INTO vectors (key, position, uid, model, embedding, title, text, starts, ends, url)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key, position) DO UPDATE SET
         uid = excluded.uid, model = excluded.model, embedding = excluded.embedding, title = excluded.title,
         text = excluded.text, starts = excluded.starts, ends = excluded.ends, url = excluded.url`,
    );
    for (const { index, values, metadata } of records) {
      const { title, text, start, end, url } = metadata;
      insert.run(owner.key, index, owner.uid, model, bytesOf(values), title, text, start, end, url);
    }
  });
}

export function deleteVectorTail(db: DatabaseSync, key: string, count: number): void {
  inTransaction(db, () => db.prepare('DELETE FROM vectors WHERE key = ? AND position >= ?').run(key, count));
}

/** Returns how many were removed. */
export function purgeVectors(db: DatabaseSync, { key, uid }: Owner): number {
  return inTransaction(db, () =>
    Number(db.prepare('DELETE FROM vectors WHERE key = ? AND uid = ?').run(key, uid).changes),
  );
}

/** An exact scan: some 30 ms among 20,000 vectors of 384 numbers (docs/decisions/0006-embedded-store.md). */
export function queryVectors(db: DatabaseSync, { model, values, limit }: VectorQuery): VectorHit[] {
  const bytes = bytesOf(values);
  return db
    .prepare(
      `SELECT key, position, uid, 1 - vec_distance_cosine(embedding, ?) AS score FROM vectors
       WHERE model = ? AND length(embedding) = ? ORDER BY score DESC, key, position LIMIT ?`,
    )
    .all(bytes, model, bytes.byteLength, limit)
    .map(({ key, position, uid, score }) => ({
      id: `${String(key)}#${String(position)}`,
      owner: { key: String(key), uid: String(uid) },
      score: Number(score),
    }));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
