// The tables of the SQLite database.

/** Number of the form, in the database's `user_version`. Raise it with every change of the tables. */
export const FORM = 4;

export const TABLES = `
CREATE TABLE records (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL,
  type TEXT NOT NULL, staff TEXT, "transaction" TEXT, outcome TEXT, grade INTEGER, at INTEGER, wall INTEGER,
  proof TEXT NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (device, log, sequence)
) STRICT, WITHOUT ROWID;
-- Records that were stored, and are proven to be false.
CREATE TABLE replaced (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE TABLE heads (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL, mac TEXT NOT NULL,
  PRIMARY KEY (device, log)
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
  device TEXT PRIMARY KEY, counter TEXT NOT NULL, firmware TEXT NOT NULL, configuration INTEGER NOT NULL, neighbours TEXT NOT NULL,
  signed INTEGER NOT NULL, log INTEGER NOT NULL, status TEXT NOT NULL,
  duty_badge TEXT NOT NULL, duty_staff TEXT NOT NULL, duty_since INTEGER NOT NULL, duty_pause TEXT NOT NULL, seen_at INTEGER NOT NULL,
  emergency TEXT NOT NULL, start INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, device TEXT NOT NULL, key TEXT NOT NULL, occasion TEXT NOT NULL,
  count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, words TEXT NOT NULL, evidence TEXT NOT NULL,
  UNIQUE (kind, device, key)
) STRICT;
-- What tells this hall from others.
CREATE TABLE hall (id TEXT NOT NULL) STRICT;
INSERT INTO hall VALUES (lower(hex(randomblob(8))));
PRAGMA user_version = ${FORM};
`;
