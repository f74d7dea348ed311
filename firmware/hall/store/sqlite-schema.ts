// The tables of the SQLite database.

/** Number of the form, in the database's `user_version`. Raise it with every change of the tables. */
export const FORM = 5;

/** Tells this program's databases from others, in `application_id`: "CTrm". */
export const APPLICATION = 0x4354726d;

/** Makes a database of the form before one of this form. */
export const UPGRADES: Readonly<Record<number, string>> = {
  4: `
ALTER TABLE heads ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN heard_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN is_gone INTEGER NOT NULL DEFAULT 0;
UPDATE devices SET heard_at = seen_at;
ALTER TABLE alarms ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hall ADD COLUMN pulse INTEGER NOT NULL DEFAULT 0;
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = 5;
`,
};

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
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL, mac TEXT NOT NULL, floor INTEGER NOT NULL,
  PRIMARY KEY (device, log)
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
  device TEXT PRIMARY KEY, counter TEXT NOT NULL, firmware TEXT NOT NULL, configuration INTEGER NOT NULL, neighbours TEXT NOT NULL,
  signed INTEGER NOT NULL, log INTEGER NOT NULL, status TEXT NOT NULL,
  duty_badge TEXT NOT NULL, duty_staff TEXT NOT NULL, duty_since INTEGER NOT NULL, duty_pause TEXT NOT NULL, seen_at INTEGER NOT NULL,
  emergency TEXT NOT NULL, start INTEGER NOT NULL, heard_at INTEGER NOT NULL, is_gone INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, device TEXT NOT NULL, key TEXT NOT NULL, occasion TEXT NOT NULL,
  count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, words TEXT NOT NULL, evidence TEXT NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, device, key)
) STRICT;
-- What tells this hall from others, and how many batches were stored.
CREATE TABLE hall (id TEXT NOT NULL, pulse INTEGER NOT NULL) STRICT;
INSERT INTO hall VALUES (lower(hex(randomblob(8))), 0);
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${FORM};
`;
