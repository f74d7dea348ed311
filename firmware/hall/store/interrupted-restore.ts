// A restore that a kill or a power cut has interrupted. Its steps are renames, of which each is whole or not begun; the copy of the backup keeps its own name until the
// last of them. So whoever finds such a copy knows that a restore was interrupted, and by the time in its name which database it has moved away.

import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { syncFolder } from "./database-files.js";

/** What the name of a copy has behind that of the database, before the time of its restore. */
const PART = "-part-";

/** The names that a restore gives. */
export interface RestoreNames {
  /** The copy of the backup, until it is in its place. */
  readonly part: string;
  /** The database before. */
  readonly before: string;
}

/** Names that no file has. */
export function restoreNames(database: string, now: Date): RestoreNames {
  for (let atMs = now.getTime(); ; atMs += 1000) {
    const stamp = stampOf(new Date(atMs));
    const before = beforeOf(database, stamp);
    if (!existsSync(before) && !partsOf(database).some((rest) => rest.startsWith(stamp))) return { part: `${database}${PART}${stamp}`, before };
  }
}

/**
 * Gives the database that an interrupted restore has moved away the log that it left behind.
 * @returns where that database is; undefined: it is in its place, or there was none
 */
export function movedAway(database: string): string | undefined {
  if (existsSync(database)) return undefined;
  const before = partsOf(database)
    .map((stamp) => beforeOf(database, stamp))
    .filter((file) => existsSync(file))
    .at(-1);
  if (before !== undefined && existsSync(`${database}-wal`) && !existsSync(`${before}-wal`)) {
    renameSync(`${database}-wal`, `${before}-wal`);
    syncFolder(database);
  }
  return before;
}

/** Removes the copies that interrupted restores have left. */
export function removeParts(database: string): void {
  for (const rest of partsOf(database)) rmSync(`${database}${PART}${rest}`, { force: true });
}

/** A time in a file's name, UTC: `20260302T011500Z`. */
export function stampOf(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function beforeOf(database: string, stamp: string): string {
  return `${database}-before-${stamp}`;
}

/** The ends of the names of copies, the oldest first. */
function partsOf(database: string): string[] {
  const start = path.basename(database) + PART;
  const names = readdirSync(path.dirname(path.resolve(database))).filter((name) => name.startsWith(start));
  return names.map((name) => name.slice(start.length)).sort();
}
