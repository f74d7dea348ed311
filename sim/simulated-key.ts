// The device key of every simulated terminal: anybody can have it, so that anybody can check a simulated ledger.

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { SlotsParts } from "../firmware/config/slots.js";
import { type Ledger, openLedger } from "../firmware/ledger/ledger.js";
import { keyFile } from "../firmware/tools/site.js";
import type { Flash } from "../hal/flash.js";

/** 32 bytes. */
export const SIMULATED_KEY: Buffer = Buffer.from("key of every simulated terminal.", "latin1");

const KEY_FILE = keyFile(SIMULATED_KEY).toString("latin1");

/** What ledger and slots need of a board but its store. @param random32 names a log that is not there yet */
export function simulatedParts(flash: Flash, random32: () => number): Omit<SlotsParts, "store"> & { random32(): number } {
  return {
    flash,
    crc32: (data) => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : data),
    sha256: (data) => Uint8Array.from(createHash("sha256").update(data).digest()),
    random32,
    toBytes: (text) => Uint8Array.from(Buffer.from(text, "latin1")),
    toBase64: (data) => Buffer.from(data).toString("base64"),
    fromBase64: (text) => Buffer.from(text, "base64").toString("latin1"),
  };
}

/**
 * Opens the ledger of a simulated terminal without the rest of it.
 * @param logId of a log that is not there yet
 */
export function openSimulatedLedger(flash: Flash, logId: () => number): Ledger {
  return openLedger(simulatedParts(flash, logId), KEY_FILE);
}
