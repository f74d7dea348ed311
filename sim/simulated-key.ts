// The device key of every simulated terminal: anybody can have it, so that anybody can check a simulated ledger.

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type Ledger, type LedgerParts, openLedger } from "../firmware/ledger/ledger.js";
import { keyFile } from "../firmware/tools/site.js";
import type { Flash } from "../hal/flash.js";

/** 32 bytes. */
export const SIMULATED_KEY: Buffer = Buffer.from("key of every simulated terminal.", "latin1");

const KEY_FILE = keyFile(SIMULATED_KEY).toString("latin1");

/**
 * Opens the ledger of a simulated terminal without the rest of it.
 * @param logId of a log that is not there yet
 */
export function openSimulatedLedger(flash: Flash, logId: () => number): Ledger {
  const parts: LedgerParts = {
    flash,
    crc32: (data) => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : data),
    sha256: (data) => Uint8Array.from(createHash("sha256").update(data).digest()),
    random32: logId,
    toBytes: (text) => Uint8Array.from(Buffer.from(text, "latin1")),
  };
  return openLedger(parts, KEY_FILE);
}
