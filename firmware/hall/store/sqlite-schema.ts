// The tables of the SQLite database, and the way from every earlier form to this one.

import type Database from "libsql";

/** Number of the form, in the database's `user_version`. */
export const FORM = 3;

/** Records that were stored, and are proven to be false. */
const REPLACED = `
CREATE TABLE replaced (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;
`;

const TABLES = `
CREATE TABLE records (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL,
  type TEXT NOT NULL, staff TEXT, "transaction" TEXT, outcome TEXT, grade INTEGER, at INTEGER, wall INTEGER,
  proof TEXT NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (device, log, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL, mac TEXT NOT NULL,
  PRIMARY KEY (device, log)
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
  device TEXT PRIMARY KEY, counter TEXT NOT NULL, firmware TEXT NOT NULL, configuration INTEGER NOT NULL, neighbours TEXT NOT NULL,
  signed INTEGER NOT NULL, log INTEGER NOT NULL, status TEXT NOT NULL,
  duty_badge TEXT NOT NULL, duty_staff TEXT NOT NULL, duty_since INTEGER NOT NULL, duty_pause TEXT NOT NULL, seen_at INTEGER NOT NULL,
  emergency TEXT NOT NULL DEFAULT '', start INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL, key TEXT NOT NULL, words TEXT NOT NULL, evidence TEXT NOT NULL,
  UNIQUE (kind, device, key)
) STRICT;
${REPLACED}`;

/** Form 1 noted which terminals took signed commands; all of them do now. It did not keep the emergency text that a terminal shows. */
const FROM_FORM_1 = `
ALTER TABLE devices DROP COLUMN takes_signed;
ALTER TABLE devices ADD COLUMN emergency TEXT NOT NULL DEFAULT '';
`;

/** Form 2 did not keep the terminal's start: protocol 1 signed commands for a log. */
const FROM_FORM_2 = `${REPLACED}ALTER TABLE devices ADD COLUMN start INTEGER NOT NULL DEFAULT 0;`;

/** Brings a database to this form: an empty one, or one of an earlier form. @returns the form that it had; beyond `FORM`, the database is left as it is */
export function migrate(db: InstanceType<typeof Database>): number {
  db.exec("BEGIN IMMEDIATE");
  const { user_version: form } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  if (form === 0) db.exec(TABLES);
  if (form === 1) db.exec(FROM_FORM_1);
  if (form === 1 || form === 2) db.exec(FROM_FORM_2);
  if (form < FORM) db.exec(`PRAGMA user_version = ${FORM}`);
  db.exec("COMMIT");
  return form;
}
