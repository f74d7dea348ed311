// Terminals of a hall by what their rows say, so that nobody looks through all of them for each message.

import type { DeviceRow } from "../store/rows.js";

export class RowIndex {
  private readonly rows = new Map<string, Set<DeviceRow>>();
  private readonly noted = new Map<DeviceRow, readonly string[]>();

  /** @param keysOf under which keys a row is found */
  constructor(private readonly keysOf: (row: DeviceRow) => readonly string[]) {}

  /** Notes what a row says now. */
  note(row: DeviceRow): void {
    const keys = this.keysOf(row);
    const before = this.noted.get(row) ?? [];
    if (keys.length === before.length && keys.every((key, i) => key === before[i])) return;
    for (const key of before) {
      const found = this.rows.get(key);
      found?.delete(row);
      if (found?.size === 0) this.rows.delete(key);
    }
    for (const key of keys) {
      const found = this.rows.get(key) ?? new Set();
      this.rows.set(key, found.add(row));
    }
    this.noted.set(row, keys);
  }

  /** The rows with a key, but that of one terminal. */
  othersWith(key: string, device: string): DeviceRow[] {
    return [...(this.rows.get(key) ?? [])].filter((row) => row.device !== device);
  }

  clear(): void {
    this.rows.clear();
    this.noted.clear();
  }
}
