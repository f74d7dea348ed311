// The device key of every simulated terminal. It is public, so that anybody can check a simulated ledger.

import type { SlotsParts } from "../../firmware/config/slots.js";
import { type Ledger, openLedger } from "../../firmware/ledger/ledger.js";
import { keyFile } from "../../firmware/tools/provision/site.js";
import type { Flash } from "../../hal/flash.js";
import { crc32, fromBase64, sha256, toBase64, toBytes } from "./native.js";

/** 32 bytes. */
export const SIMULATED_KEY: Buffer = Buffer.from("key of every simulated terminal.", "latin1");

const KEY_FILE = keyFile(SIMULATED_KEY).toString("latin1");

/** The parts of a board that ledger and slots need, except its store. */
export function simulatedParts(flash: Flash): Omit<SlotsParts, "store"> {
  return {
    flash,
    crc32,
    sha256,
    toBytes,
    toBase64,
    fromBase64,
  };
}

/**
 * Opens the ledger of a simulated terminal without the rest of the terminal.
 * @param logId name of a new log
 */
export function openSimulatedLedger(flash: Flash, logId: () => number): Ledger {
  return openLedger(simulatedParts(flash), KEY_FILE, logId);
}
