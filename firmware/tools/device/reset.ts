// Makes a bare board of a terminal.

import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { keyFile } from "../provision/site.js";
import type { Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { ledgerBefore } from "./change.js";
import { eraseRegion } from "./device-ledger.js";
import { type DeviceState, withState } from "./device-state.js";
import { type OpenTerminal, takeOver } from "./open-terminal.js";
import { crcOf, eraseFile } from "./storage.js";

/** Erases a terminal, after its ledger was copied. Whoever has its key may do so. @throws ToolError `keyWrong` when the key is another one */
export async function reset(terminal: OpenTerminal, key: Uint8Array, report: Report): Promise<void> {
  const { device, board, config, facts } = terminal;
  const state: DeviceState = { now: UNCHANGED };
  await withState(state, async () => {
    if ((await crcOf(device, "key")) !== crc32(keyFile(key)))
      throw new ToolError("keyWrong", `That is not the key of ${config.device}.`, UNCHANGED, "Use the key file that was made when it was flashed.");
    await ledgerBefore(terminal, key, report);
    state.now = "The device is open and partly erased: it does not serve.";
    await takeOver(terminal);
    const region = board.flash.storageFile?.name;
    report.step("erasing it");
    for (const name of facts.files) if (name !== region) await eraseFile(device, name);
    await eraseRegion(device, board);
    await sleep(100);
  });
}
