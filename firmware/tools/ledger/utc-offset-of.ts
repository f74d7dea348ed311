// Local time minus UTC, as the terminal had it: each start records it from the configuration that is in force from there on.

import type { LedgerRecord } from "./record-types.js";

/** China, and what a terminal takes without a configuration, in minutes. */
export const DEFAULT_UTC_OFFSET = 480;

/**
 * @param records of one log, in any order
 * @param fallback minutes, for records that no start in the log stands in front of
 * @returns the minutes that were in force at a record, by its sequence number
 */
export function utcOffsetOf(records: readonly LedgerRecord[], fallback = DEFAULT_UTC_OFFSET): (sequence: number) => number {
  const starts = records.flatMap((record) => (record.type === "started" && record.utcOffsetMinutes !== undefined ? [record] : []));
  starts.sort((a, b) => b.sequence - a.sequence);
  // Where the oldest pages have gone, a start behind a record tells more than nothing.
  const oldest = starts.at(-1)?.utcOffsetMinutes ?? fallback;
  return (sequence) => starts.find((start) => start.sequence <= sequence)?.utcOffsetMinutes ?? oldest;
}
