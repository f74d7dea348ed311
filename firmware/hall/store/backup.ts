// Copies of a database: a backup that is made while the receiver works, and its way back. A copy is proven before it counts, and nothing is ever overwritten.

import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, realpathSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { computerTrouble, ToolError } from "../../tools/tool-error.js";
import { syncFolder } from "./database-files.js";
import { movedAway, removeParts, restoreNames } from "./interrupted-restore.js";
import { claim } from "./receiver-claim.js";
import { cannotOpen } from "./sqlite-errors.js";
import { SqliteStore, type StoreFacts } from "./sqlite-store.js";
import { testimonyOf, Witness } from "./witness.js";

const NO_BACKUP = "There is no backup.";
const NOT_RESTORED = "The database is as it was.";

/** Codes of a medium that knows no second name of a file, such as a USB stick's. */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

/** Codes of errors that say: this is no backup. */
const NO_BACKUPS: ReadonlySet<string> = new Set(["databaseMissing", "databaseInvalid"]);

export interface Restored {
  readonly backup: StoreFacts;
  /** Where the database before is kept; undefined: there was none. */
  readonly before: string | undefined;
  /** How many records the database before had that the backup has not; undefined: it cannot be read. */
  readonly missing: number | undefined;
}

/**
 * Writes a copy of a database as it is at this moment, proves it, and gives it its name.
 * @param state what is so when it fails
 * @throws ToolError `fileExists` where there is such a file
 */
export function backUp(store: SqliteStore, file: string, state = NO_BACKUP): StoreFacts {
  requireNone(file, state);
  const part = `${file}-part-${process.pid}`;
  try {
    closeSync(openSync(part, "wx", 0o600));
    const before = store.facts();
    store.copyInto(part);
    const copied = factsOf(part, state);
    requireEqual(part, copied, before, store.facts(), state);
    sync(part);
    name(part, file, state);
    chmodSync(file, 0o600);
    syncFolder(file);
    return copied;
  } catch (error) {
    if (error instanceof ToolError) throw new ToolError(error.code, error.message, state, error.todo);
    throw computerTrouble(error, state, file) ?? error;
  } finally {
    for (const end of ["", "-journal"]) rmSync(part + end, { force: true });
  }
}

function requireNone(file: string, state: string): void {
  if (file === "") throw new ToolError("usage", "The name of the copy is empty.", state, "Give a name, such as /mnt/backup/hall.sqlite.");
  const folder = path.dirname(path.resolve(file));
  if (!existsSync(folder))
    throw new ToolError("fileMissing", `${folder}: there is no such folder.`, state, "Make that folder, or give a path in another.");
  if (existsSync(file)) throw new ToolError("fileExists", `${file}: there is such a file already.`, state, "Give another name.");
}

/** Proves a copy, and tells what is in it. @throws ToolError where it is damaged, or no database of a hall */
function factsOf(file: string, state: string): StoreFacts {
  const copy = SqliteStore.read(file);
  try {
    copy.requireIntegrity(file, true, state);
    return copy.facts();
  } finally {
    copy.close();
  }
}

/** Compares a copy with what the database was just before and just after: a receiver may be at work on it. */
function requireEqual(file: string, copied: StoreFacts, before: StoreFacts, after: StoreFacts, state: string): void {
  const isBetween = (["pulse", "records", "terminals", "alarms"] as const).every(
    (what) => before[what] <= copied[what] && copied[what] <= after[what],
  );
  if (copied.hall === before.hall && isBetween) return;
  throw new ToolError("fileInvalid", `${file}: the copy is not as the database is.`, state, "See to the disk, and make the backup once more.");
}

function sync(file: string): void {
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives a file its name, unless another has it. */
function name(part: string, file: string, state: string): void {
  try {
    linkSync(part, file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && !NO_LINKS.has(code)) throw error;
    requireNone(file, state);
    renameSync(part, file);
  }
}

/**
 * Puts a backup in the place of a database. The one before is kept beside it.
 * @throws ToolError where a receiver is at work, or the backup is damaged: everything is as it was then
 */
export function restore(database: string, backup: string, now = new Date()): Restored {
  if (existsSync(database) && existsSync(backup) && realpathSync(database) === realpathSync(backup))
    throw new ToolError("usage", `${backup}: is the database itself.`, NOT_RESTORED, "Name the backup.");
  const claimed = claim(database, NOT_RESTORED);
  try {
    return restoreAlone(database, backup, now);
  } finally {
    claimed.release();
  }
}

function restoreAlone(database: string, backup: string, now: Date): Restored {
  const { part, before } = restoreNames(database, now);
  let isMoved = false;
  try {
    const moved = movedAway(database);
    const isHere = existsSync(database);
    const old = isHere ? database : moved;
    const source = readBackup(backup);
    let facts: StoreFacts;
    try {
      source.requireIntegrity(backup, true, NOT_RESTORED);
      facts = backUp(source, part, NOT_RESTORED);
    } finally {
      source.close();
    }
    const missing = old === undefined ? undefined : missingIn(old, part);
    const testimony = testimonyOf(database);
    const witness = new Witness(database);
    // From here on a receiver knows that the present is another, whenever this process dies.
    witness.write({ hall: facts.hall, pulse: Math.max(testimony?.pulse ?? 0, facts.pulse), isRestored: true });
    witness.sync();
    witness.close();
    // The database goes first: without its log it would be an older one, and a receiver might go on from there. Where there is none, no receiver starts.
    isMoved = true;
    if (isHere) renameSync(database, before);
    syncFolder(database);
    // Its log goes before the backup comes, which would take it for its own; and the index of its log, which SQLite makes anew, before both.
    rmSync(`${database}-shm`, { force: true });
    if (existsSync(`${database}-wal`)) renameSync(`${database}-wal`, `${before}-wal`);
    syncFolder(database);
    renameSync(part, database);
    syncFolder(database);
    removeParts(database);
    return { backup: facts, before: isHere ? before : moved, missing };
  } catch (error) {
    const state = isMoved && !existsSync(database) ? `The database is not in its place: it is ${before}. Nothing of it is lost.` : NOT_RESTORED;
    throw error instanceof ToolError ? error : (computerTrouble(error, state, database) ?? cannotOpen(database, error, state));
  } finally {
    // Where the database was moved, it tells the next restore so.
    if (!isMoved) rmSync(part, { force: true });
  }
}

/** @throws ToolError which names the backup as what is wrong, and not the database */
function readBackup(file: string): SqliteStore {
  try {
    return SqliteStore.read(file, NOT_RESTORED);
  } catch (error) {
    if (!(error instanceof ToolError) || !NO_BACKUPS.has(error.code)) throw error;
    const message = error.code === "databaseMissing" ? `${file}: there is no such file.` : error.message;
    throw new ToolError(error.code, message, NOT_RESTORED, "Name a file that receive backup has written.");
  }
}

/** How many records of a database are not in its backup; undefined: it cannot be read. */
function missingIn(database: string, backup: string): number | undefined {
  let old: SqliteStore | undefined;
  try {
    old = SqliteStore.read(database);
    return old.countMissingIn(backup);
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  } finally {
    old?.close();
  }
}
