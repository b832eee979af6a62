import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Passage, Segment } from '../../artifacts.ts';
import type { Owner } from '../../contract/videoJob.ts';
import type { PassageRecord, TextHit, VideoRecord } from '../../ports.ts';
import { queryWords } from '../../search/queryWords.ts';
import { inSnapshot, inTransaction } from './transaction.ts';

/** The SQL of the record store. Runs in the worker. */

type Row = Record<string, SQLOutputValue>;

export function saveRecord(db: DatabaseSync, record: VideoRecord): void {
  const { owner, passages } = record;
  inTransaction(db, () => {
    db.prepare('DELETE FROM videos WHERE key = ?').run(owner.key);
    db.prepare('INSERT INTO videos VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      owner.key,
      owner.uid,
      record.url,
      record.title,
      record.uploader ?? null,
      record.durationSeconds,
      record.language,
      record.transcriptionModel,
      record.embeddingModel,
      JSON.stringify(record.segments),
    );
    const insert = db.prepare(
      'INSERT INTO passages (key, position, starts, ends, chapter, text) VALUES (?, ?, ?, ?, ?, ?)',
    );
    const insertWords = db.prepare(
      'INSERT INTO passage_words (rowid, text, chapter, title) VALUES (?, ?, ?, ?)',
    );
    for (const { index, start, end, chapter, text } of passages) {
      const { lastInsertRowid } = insert.run(owner.key, index, start, end, chapter ?? null, text);
      insertWords.run(lastInsertRowid, text, chapter ?? '', record.title);
    }
  });
}

export function findRecord(db: DatabaseSync, key: string): VideoRecord | undefined {
  return inSnapshot(db, () => {
    const video = db.prepare('SELECT * FROM videos WHERE key = ?').get(key);
    if (!video) return undefined;
    const passages = db.prepare('SELECT * FROM passages WHERE key = ? ORDER BY position').all(key);
    return {
      owner: { key, uid: textOf(video['uid']) },
      url: textOf(video['url']),
      title: textOf(video['title']),
      ...(video['uploader'] !== null && { uploader: textOf(video['uploader']) }),
      durationSeconds: Number(video['duration_seconds']),
      language: textOf(video['language']),
      transcriptionModel: textOf(video['transcription_model']),
      embeddingModel: textOf(video['embedding_model']),
      // oxlint-disable-next-line no-unsafe-type-assertion -- saveRecord wrote it
      segments: JSON.parse(textOf(video['segments'])) as Segment[],
      passages: passages.map(toPassage),
    };
  });
}

/** Returns how many videos were removed; their passages go with them. */
export function purgeRecord(db: DatabaseSync, { key, uid }: Owner): number {
  return inTransaction(db, () =>
    Number(db.prepare('DELETE FROM videos WHERE key = ? AND uid = ?').run(key, uid).changes),
  );
}

/** Passages with any of the query's words, by BM25. A word in a chapter's title counts double, the video's half. */
export function searchPassages(db: DatabaseSync, query: string, limit: number): TextHit[] {
  // Quoted, a word is nothing but a word to FTS5. It has no quote inside: see queryWords.
  const words = queryWords(query).map((word) => `"${word}"`);
  if (words.length === 0) return [];
  return inSnapshot(db, () => {
    // Every number of ours arrives as a REAL, by which FTS5 does not look a rowid up.
    const has = db.prepare(
      'SELECT 1 FROM passage_words WHERE passage_words MATCH ? AND rowid = CAST(? AS INTEGER)',
    );
    return db
      .prepare(
        `SELECT p.*, v.uid, v.title, v.url, -w.rank AS score
         FROM passage_words AS w JOIN passages AS p ON p.id = w.rowid JOIN videos AS v ON v.key = p.key
         WHERE w.passage_words MATCH ? AND w.rank MATCH 'bm25(1.0, 2.0, 0.5)'
         ORDER BY w.rank, p.key, p.position LIMIT ?`,
      )
      .all(words.join(' OR '), limit)
      .map((row) => ({
        passage: toPassageRecord(row),
        score: Number(row['score']),
        coverage: words.filter((word) => has.get(word, row['id'] ?? null)).length / words.length,
      }));
  });
}

export function findPassages(
  db: DatabaseSync,
  hits: readonly { id: string; owner: Owner }[],
): PassageRecord[] {
  return inSnapshot(db, () => {
    const find = db.prepare(
      `SELECT p.*, v.uid, v.title, v.url FROM passages AS p JOIN videos AS v ON v.key = p.key
       WHERE p.key = ? AND v.uid = ? AND p.position = ?`,
    );
    return hits.flatMap(({ id, owner }) => {
      if (!id.startsWith(`${owner.key}#`)) return [];
      const row = find.get(owner.key, owner.uid, Number(id.slice(owner.key.length + 1)));
      return row ? [toPassageRecord(row)] : [];
    });
  });
}

function toPassageRecord(row: Row): PassageRecord {
  const key = textOf(row['key']);
  return {
    ...toPassage(row),
    id: `${key}#${textOf(row['position'])}`,
    owner: { key, uid: textOf(row['uid']) },
    title: textOf(row['title']),
    url: textOf(row['url']),
  };
}

function toPassage(row: Row): Passage {
  return {
    index: Number(row['position']),
    start: Number(row['starts']),
    end: Number(row['ends']),
    text: textOf(row['text']),
    ...(row['chapter'] !== null && { chapter: textOf(row['chapter']) }),
  };
}

function textOf(value: SQLOutputValue | undefined): string {
  return String(value);
}
