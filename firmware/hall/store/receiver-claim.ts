// The right to be the only receiver of a database. It ends with the process, however that ends.

import { chmodSync, existsSync } from "node:fs";
import Database from "libsql";
import { ToolError } from "../../tools/tool-error.js";
import { cannotOpen, NOTHING_STORED } from "./sqlite-errors.js";

export interface Claim {
  release(): void;
}

/** @param file the database @param state what is so when it fails @throws ToolError `databaseBusy` when another receiver has it */
export function claim(file: string, state = NOTHING_STORED): Claim {
  const lockFile = `${file}-receiver`;
  try {
    const isNew = !existsSync(lockFile);
    const db = new Database(lockFile);
    // Whoever may write it could keep every receiver away.
    if (isNew) chmodSync(lockFile, 0o600);
    // An exclusive transaction that never ends: the operating system gives the lock back when the process is gone.
    db.exec("BEGIN EXCLUSIVE");
    return { release: () => void db.close() };
  } catch (error) {
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw cannotOpen(lockFile, error, state);
    const todo = "End that one, or give this one another --database.";
    throw new ToolError("databaseBusy", `${file}: another receiver is at work on it.`, state, todo);
  }
}
