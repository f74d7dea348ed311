// SQLite's errors in the words of whoever runs the receiver.

import { accessSync, closeSync, constants, existsSync, openSync } from "node:fs";
import path from "node:path";
import Database from "libsql";
import { ToolError } from "../../tools/tool-error.js";
import { RESTORE, RowError, StorageError, type StorageTrouble } from "./store.js";

/** The state of a receiver that does not begin. */
export const NOTHING_STORED = "Nothing is received or stored.";

/** Primary result codes of SQLite (sqlite.org/rescode.html). The driver has no name for some of the extended ones. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;
const NOTADB = 26;

const TROUBLES: Readonly<Record<number, StorageTrouble>> = {
  [BUSY]: "busy",
  [READONLY]: "readOnly",
  [IOERR]: "disk",
  [CORRUPT]: "damaged",
  [FULL]: "full",
  [NOTADB]: "damaged",
};

/** The same, by the computer's own names of errors. */
const TROUBLE_BY_CODE: Readonly<Record<string, StorageTrouble>> = {
  EROFS: "readOnly",
  EACCES: "readOnly",
  EPERM: "readOnly",
  ENOSPC: "full",
  EDQUOT: "full",
};

/** The primary code of an error: the low byte of the extended one. */
function codeOf({ rawCode = 0 }: { readonly rawCode?: number }): number {
  return rawCode & 0xff;
}

/** Runs something that SQLite does. @throws StorageError when it fails @throws RowError when it refuses a value */
export function asked<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const code = codeOf(error);
    if (code === TOO_BIG || code === CONSTRAINT || code === MISMATCH) throw new RowError(error.message);
    throw new StorageError(TROUBLES[code] ?? "broken", error.message);
  }
}

/** Runs something that the computer does with the files beside SQLite. @throws StorageError where it refuses */
export function done<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code = "", syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new StorageError(TROUBLE_BY_CODE[code] ?? "disk", message);
  }
}

/** SQLite calls a write to a disk that has become read-only an error of the disk. */
export function isReadOnly(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return false;
  } catch (error) {
    return TROUBLE_BY_CODE[(error as NodeJS.ErrnoException).code ?? ""] === "readOnly";
  }
}

/** Why a database does not open. @param state what is so now */
export function cannotOpen(file: string, error: unknown, state = NOTHING_STORED): Error {
  if (error instanceof ToolError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const code = codeOf(error as { rawCode?: number });
  if (code === NOTADB)
    return new ToolError(
      "databaseInvalid",
      `${file}: is no database.`,
      "The file is as it was.",
      `Name another file with --database, or ${RESTORE}.`,
    );
  if (code === CORRUPT) return damaged(file, error.message, state);
  if (code === BUSY) return new ToolError("databaseBusy", `${file}: another program holds it.`, state, "End that program.");
  if (code === FULL) return new ToolError("databaseFailed", `${file}: the disk is full.`, state, "Make room.");
  const { why, todo } = hindrance(file) ?? {
    why: `it cannot be opened as a database: ${error.message}`,
    todo: "See that the disk is in order, and that nothing else is in its place.",
  };
  return new ToolError("databaseInvalid", `${file}: ${why}.`, state, todo);
}

/** @param detail in the words of the database */
export function damaged(file: string, detail: string, state: string): ToolError {
  const todo = `Look after the disk, then ${RESTORE}. Terminals send again what they still hold.`;
  return new ToolError("databaseDamaged", `${file}: the database is damaged (${detail}).`, state, todo);
}

/** Of a database that can only be read SQLite makes a log that can only be read as well. @throws ToolError when this user cannot write what there is of a database */
export function requireWritable(file: string): void {
  const hindered = existsSync(file) ? hindrance(file) : undefined;
  if (hindered) throw new ToolError("databaseInvalid", `${file}: ${hindered.why}.`, NOTHING_STORED, hindered.todo);
}

/** What hinders this user from writing a file and others beside it, as the computer tells it; undefined: nothing does. */
function hindrance(file: string): { readonly why: string; readonly todo: string } | undefined {
  const folder = path.dirname(path.resolve(file));
  if (!existsSync(folder)) return { why: `there is no folder ${folder}`, todo: "Make the folder, or name another file with --database." };
  try {
    for (const each of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(each)) closeSync(openSync(each, "r+"));
    accessSync(folder, constants.W_OK);
    closeSync(openSync(folder, "r"));
    return undefined;
  } catch (error) {
    const { code, path: at = folder } = error as NodeJS.ErrnoException;
    if (code === "EMFILE" || code === "ENFILE") {
      return { why: "too many files are open", todo: "Raise the limit of open files (ulimit -n), or end what has so many open." };
    }
    if (code === "EROFS") return { why: `${at} is on a medium that can only be read`, todo: "Name a file on another with --database." };
    if (code === "EISDIR") return { why: "it is a folder", todo: "Name a file with --database." };
    const what = at === folder ? `may not write in the folder ${folder}` : `may not write ${at === file ? "this file" : at}`;
    return { why: `this user ${what}`, todo: "Run the command as the user whose database it is, or give this one the right to write." };
  }
}
