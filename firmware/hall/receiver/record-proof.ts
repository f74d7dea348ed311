// How far the chain proves a record, and which of two records with one number stays. Pure functions: they know no store.

import { macOf } from "../../tools/ledger/chain/question.js";
import { END_BYTES } from "../../tools/ledger/ledger-reader.js";
import type { Proof } from "../store/rows.js";

/** Bytes behind the MAC of a record. */
const BEHIND_MAC_BYTES = 8;

/** The MAC in a record. */
export function macIn(record: Buffer): Buffer {
  return record.subarray(-END_BYTES, -BEHIND_MAC_BYTES);
}

/** The name of a log stands where the MAC before its first record would. */
export function macBeforeFirst(log: number): Buffer {
  const mac = Buffer.alloc(4);
  mac.writeUInt32LE(log);
  return mac;
}

/**
 * @param key of the device; undefined: there is none
 * @param before MAC of the record before; undefined: that record is not here
 */
export function proofOf(key: Buffer | undefined, before: Buffer | undefined, record: Buffer): Proof {
  if (!key || !before) return "unverified";
  return macOf(key, before, record.subarray(0, -END_BYTES)).equals(macIn(record)) ? "verified" : "badMac";
}

/** Whether a new record takes the place of the one that is stored under its number. */
export function isBetter(proof: Proof, stored: Proof | undefined): boolean {
  return stored === "lost" || (stored === "badMac" && proof === "verified");
}
