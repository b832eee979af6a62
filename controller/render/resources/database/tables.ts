/** Raised with every change of the tables; a file of another version is refused. */
export const SCHEMA_VERSION = 1;

/** Marks the file as ours (`LoRe` in ASCII), so that another program's database is never written to. */
export const APPLICATION_ID = 0x4c6f5265;

/**
 * Objects are kept whole, as JSON: they are read and written whole. The log holds each change with the object as it was
 * then, so that a watch can go on from any version that is still in it; `forgotten` is the newest that is not, `log_size` the
 * bytes of the objects in it.
 */
export const TABLES = `
  CREATE TABLE objects (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    object TEXT NOT NULL,
    PRIMARY KEY (namespace, name)
  ) STRICT;

  CREATE TABLE changes (
    version INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    labels_before TEXT,
    object TEXT NOT NULL
  ) STRICT;

  CREATE TABLE counters (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    log_size INTEGER NOT NULL
  ) STRICT;
  INSERT INTO counters VALUES (1, 1, 1, 0);

  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    video TEXT NOT NULL,
    uid TEXT NOT NULL,
    type TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    UNIQUE (uid, type, reason, message)
  ) STRICT;
  CREATE INDEX events_by_time ON events (last_at);
`;
