/** Raised with every change of the tables; a file of a newer version is refused. */
export const SCHEMA_VERSION = 1;

/** Marks the file as ours (`Loom` in ASCII), so that another program's database is never written to. */
export const APPLICATION_ID = 0x4c6f6f6d;

/**
 * Vectors and records are separate ports that may be used one without the other, so no key joins the two.
 *
 * Vectors lie in an ordinary table and are compared one by one with sqlite-vec's function, rather than in its vec0
 * table: see docs/decisions/0006-embedded-store.md for the measurements.
 */
export const TABLES = `
  CREATE TABLE vectors (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    uid TEXT NOT NULL,
    model TEXT NOT NULL,
    embedding BLOB NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    starts REAL NOT NULL,
    ends REAL NOT NULL,
    url TEXT NOT NULL,
    UNIQUE (key, position)
  ) STRICT;

  CREATE TABLE videos (
    key TEXT PRIMARY KEY,
    uid TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    uploader TEXT,
    duration_seconds REAL NOT NULL,
    language TEXT NOT NULL,
    transcription_model TEXT NOT NULL,
    embedding_model TEXT NOT NULL,
    segments TEXT NOT NULL
  ) STRICT;

  CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL REFERENCES videos (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    starts REAL NOT NULL,
    ends REAL NOT NULL,
    chapter TEXT,
    text TEXT NOT NULL,
    UNIQUE (key, position)
  ) STRICT;

  CREATE VIRTUAL TABLE passage_words USING fts5 (
    text, chapter, title,
    content = '', contentless_delete = 1,
    tokenize = 'porter unicode61 remove_diacritics 2'
  );

  -- The words go with their passage, also where a foreign key removes it.
  CREATE TRIGGER passages_after_delete AFTER DELETE ON passages BEGIN
    DELETE FROM passage_words WHERE rowid = old.id;
  END;
`;
