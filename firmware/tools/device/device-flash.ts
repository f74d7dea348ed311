// The flash of a board's ledger, as the console reaches it: the interpreter's own module, or the driver of a memory on SPI, which is loaded first.

import type { Board } from "../../boards/board.js";
import { currentFirmware } from "../build/build.js";
import { ToolError } from "../tool-error.js";
import type { BoardConsole } from "./board-console.js";
import { loadProgram } from "./device-program.js";

const INTERNAL = 'require("Flash")';
const LOADED = "ledgerFlash";

/** An expression for `read`, `write` and `erasePage` of the ledger's flash, as in Espruino's module `Flash`. It holds until the board restarts. */
export async function flashExpression(device: BoardConsole, board: Board): Promise<string> {
  if (!board.flash.driver) return INTERNAL;
  if (!(await device.evaluate<boolean>(`!!global.${LOADED}`)))
    await loadProgram(device, (await currentFirmware(board.name, "ledger-flash")).code, true);
  return LOADED;
}

/** Makes sure that the ledger's memory on SPI answers, where the board has one. @throws ToolError `flashBroken` @param state of the device, for the error */
export async function requireMemory(device: BoardConsole, board: Board, state: string): Promise<void> {
  const { flash } = board;
  if (!flash.driver) return;
  if (await device.evaluate<boolean>(`${await flashExpression(device, board)}.isThere()`)) return;
  const pins = `SCK ${flash.sck}, DI ${flash.mosi}, DO ${flash.miso}, CS ${flash.cs}`;
  throw new ToolError(
    "flashBroken",
    `The ledger's memory does not answer as a ${flash.chip}.`,
    state,
    `Check its supply and its wires (${pins}; WP and HOLD to 3.3 V), and that it is a ${flash.chip}: a board file of your own may name another one.`,
  );
}
