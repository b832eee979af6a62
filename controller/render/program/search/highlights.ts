import { DatabaseSync } from 'node:sqlite';
import { queryWords } from '../../../../jobrunner/search/queryWords.ts';

/** [from, to) in UTF-16 units. */
export type Highlight = readonly [from: number, to: number];

/** Private characters that no text has by chance, in this order: each marks where a word begins or ends. */
const OPEN = '\u{F0A51}\u{F1B62}\u{F2C73}';
const CLOSE = '\u{F3D84}\u{F4E95}\u{F5FA6}';

/** All characters of the two. */
const MARKS = new RegExp(`[${OPEN}${CLOSE}]`, 'gu');

/** Characters of a passage that are looked at: passages are some hundreds long, but a store may hold others. */
const MAX_TEXT = 20_000;

/**
 * Finds the words of a query in texts, in any form of theirs: by the same tokenizer as the embedded store (see
 * jobrunner/adapters/sqlite/schema.ts), in an index in memory that holds no more than the texts of one answer. A
 * millisecond for ten passages.
 */
export class Highlighter {
  readonly #db = new DatabaseSync(':memory:');

  constructor() {
    this.#db.exec(`CREATE VIRTUAL TABLE passages USING fts5 (
      text, tokenize = 'porter unicode61 remove_diacritics 2', detail = full
    )`);
  }

  /** Of each text the places of the query's telling words, in order; neighbouring words are apart. */
  of(query: string, texts: readonly string[]): Highlight[][] {
    // Quoted, a word is nothing but a word to FTS5; there is no quote in it.
    const words = queryWords(query).map((word) => `"${word}"`);
    const found: Highlight[][] = texts.map(() => []);
    if (words.length === 0 || texts.length === 0) return found;
    this.#db.exec('BEGIN');
    try {
      const insert = this.#db.prepare('INSERT INTO passages (rowid, text) VALUES (?, ?)');
      for (const [index, text] of texts.entries()) insert.run(index + 1, markable(text.slice(0, MAX_TEXT)));
      const rows = this.#db
        .prepare(
          'SELECT rowid AS id, highlight(passages, 0, ?, ?) AS marked FROM passages WHERE passages MATCH ?',
        )
        .all(OPEN, CLOSE, words.join(' OR '));
      for (const { id, marked } of rows) found[Number(id) - 1] = readMarks(String(marked));
    } finally {
      this.#db.exec('ROLLBACK');
    }
    return found;
  }

  close(): void {
    this.#db.close();
  }
}

/**
 * The text, as long as before, without what is not a stranger's to write: our marks, each of their characters replaced by
 * another private one, and NUL, at which FTS5's count goes wrong.
 */
function markable(text: string): string {
  return text.replaceAll('\0', ' ').replaceAll(MARKS, '\u{FFFFD}');
}

/** Where the marks stand, in the text without them. */
function readMarks(marked: string): Highlight[] {
  const highlights: Highlight[] = [];
  let removed = 0;
  for (let from = marked.indexOf(OPEN); from >= 0; from = marked.indexOf(OPEN, from)) {
    const to = marked.indexOf(CLOSE, from);
    if (to < 0) break;
    highlights.push([from - removed, to - removed - OPEN.length]);
    removed += OPEN.length + CLOSE.length;
    from = to + CLOSE.length;
  }
  return highlights;
}
