// SQLite's errors in the words of whoever runs the receiver.

import Database from "libsql";
import { ToolError } from "../../tools/tool-error.js";
import { RowError, StorageError } from "./store.js";

/** The state of a receiver that does not begin. */
export const NOTHING_STORED = "Nothing is received or stored.";

/** Primary result codes of SQLite (sqlite.org/rescode.html). The driver has no name for some of the extended ones. */
const BUSY = 5;
const FULL = 13;
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;

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
    const trouble = code === FULL ? "full" : code === BUSY ? "busy" : "broken";
    throw new StorageError(trouble, error.message);
  }
}

/** Why a database does not open. */
export function cannotOpen(file: string, error: unknown): Error {
  if (error instanceof ToolError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const { code = "" } = error as { code?: string };
  if (code === "SQLITE_NOTADB")
    return new ToolError("databaseInvalid", `${file}: is no database.`, "The file is as it was.", "Name another file with --database.");
  if (code.startsWith("SQLITE_BUSY")) return new ToolError("databaseBusy", `${file}: another program holds it.`, NOTHING_STORED, "End that program.");
  if (code === "SQLITE_FULL") return new ToolError("databaseFailed", `${file}: the disk is full.`, NOTHING_STORED, "Make room.");
  const message = `${file}: cannot be opened as a database: ${error.message}.`;
  return new ToolError("databaseInvalid", message, NOTHING_STORED, "See that the folder exists, and that you may write in it.");
}
