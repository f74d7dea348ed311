// Watches the files of an open database. SQLite itself goes on when a file is deleted, and so would acknowledge into nothing.

import { type BigIntStats, closeSync, fsyncSync, openSync, statSync } from "node:fs";
import path from "node:path";
import { StorageError } from "./store.js";

/** The endings of the files of an open database: SQLite's own, and the one that keeps a second receiver away. */
const PARTS = ["", "-wal", "-shm", "-receiver"] as const;
type Part = (typeof PARTS)[number];

export class DatabaseFiles {
  private readonly known = new Map<Part, BigIntStats>();

  constructor(private readonly file: string) {}

  /** This program itself has written the main file, as a checkpoint does: that is how it is now. */
  noteMain(): void {
    const now = this.stat("");
    if (now) this.known.set("", now);
  }

  /**
   * Looks whether the files are still those that were opened, and as long as they were. It takes some ten µs.
   * @throws StorageError `gone` or `damaged`
   */
  look(): void {
    for (const part of PARTS) {
      const now = this.stat(part);
      const before = this.known.get(part);
      const name = path.basename(this.file) + part;
      if (!before) {
        if (now) this.known.set(part, now);
        continue;
      }
      if (!now) throw new StorageError("gone", `${name} was deleted, or moved away`);
      if (now.ino !== before.ino || now.dev !== before.dev) throw new StorageError("gone", `another file has taken the place of ${name}`);
      if (now.size < before.size) throw new StorageError("damaged", `${name} was cut from ${before.size} bytes to ${now.size}`);
      if (part === "" && now.mtimeNs !== before.mtimeNs) throw new StorageError("damaged", `another program has written into ${name}`);
      this.known.set(part, now);
    }
  }

  private stat(part: Part): BigIntStats | undefined {
    return statSync(this.file + part, { bigint: true, throwIfNoEntry: false });
  }
}

/** Waits until the names of a folder's files are on the disk. Windows has no such thing. */
export function syncFolder(file: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(path.dirname(path.resolve(file)), "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
