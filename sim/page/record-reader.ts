// Reads the records from the flash of a simulated terminal while it writes them.

import { type LedgerRecord, readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import type { World } from "../world/world.js";

/** A record, and the log that it belongs to. */
export interface FlashRecord {
  readonly logId: number;
  readonly record: LedgerRecord;
}

export interface RecordReader {
  /** Every record that was ever found, the oldest first. Records stay here after their page has been erased. */
  readonly records: readonly FlashRecord[];
  /** The sequence number up to which a log's own records say that they are acknowledged. */
  acknowledgedIn(logId: number): number;
  /** Reads the flash, if it has changed since the last call. */
  scan(): void;
}

export function createRecordReader(world: World): RecordReader {
  const records: FlashRecord[] = [];
  const found = new Set<string>();
  const acknowledged = new Map<number, number>();
  let hasChanged = true;
  world.onTrace((line) => {
    if ("flash" in line) hasChanged = true;
  });

  return {
    records,
    acknowledgedIn: (logId) => acknowledged.get(logId) ?? 0,
    scan() {
      if (!hasChanged) return;
      hasChanged = false;
      const image = readFlashImage(world.flash.bytes, world.flash.geometry);
      const { logId } = image;
      if (logId === undefined) return;
      acknowledged.set(logId, Math.max(acknowledged.get(logId) ?? 0, image.acknowledged));
      for (const record of image.records) {
        const id = `${logId}:${record.sequence}`;
        if (!found.has(id)) records.push({ logId, record });
        found.add(id);
      }
    },
  };
}
