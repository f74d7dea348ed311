// SQLite's errors in the words of whoever runs the receiver.

import Database from "libsql";
import { ToolError } from "../../tools/tool-error.js";
import { StorageError } from "./store.js";

/** The state of a receiver that does not begin. */
export const NOTHING_STORED = "Nothing is received or stored.";

/** Runs something that SQLite does. @throws StorageError when it fails */
export function asked<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const trouble = error.code === "SQLITE_FULL" ? "full" : error.code.startsWith("SQLITE_BUSY") ? "busy" : "broken";
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
