// The device key of every simulated terminal: anybody can have it, so that anybody can check a simulated ledger.

import type { SlotsParts } from "../../firmware/config/slots.js";
import { type Ledger, openLedger } from "../../firmware/ledger/ledger.js";
import { keyFile } from "../../firmware/tools/provision/site.js";
import type { Flash } from "../../hal/flash.js";
import { crc32, fromBase64, sha256, toBase64, toBytes } from "./native.js";

/** 32 bytes. */
export const SIMULATED_KEY: Buffer = Buffer.from("key of every simulated terminal.", "latin1");

const KEY_FILE = keyFile(SIMULATED_KEY).toString("latin1");

/** What ledger and slots need of a board but its store. @param random32 names a log that is not there yet */
export function simulatedParts(flash: Flash, random32: () => number): Omit<SlotsParts, "store"> & { random32(): number } {
  return {
    flash,
    crc32,
    sha256,
    random32,
    toBytes,
    toBase64,
    fromBase64,
  };
}

/**
 * Opens the ledger of a simulated terminal without the rest of it.
 * @param logId of a log that is not there yet
 */
export function openSimulatedLedger(flash: Flash, logId: () => number): Ledger {
  return openLedger(simulatedParts(flash, logId), KEY_FILE);
}
