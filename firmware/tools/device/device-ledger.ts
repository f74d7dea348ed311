// The ledger of a terminal, read from its flash over the console, and copies of it on this computer.

import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import { type LedgerImage, type LedgerRecord, packCopy, readFlashImage } from "../ledger/ledger-reader.js";
import type { BoardConsole } from "./board-console.js";
import { keepCopy } from "./copies.js";
import { flashExpression } from "./device-flash.js";

/** Bytes of flash that are read at once: as Base64 they fit one answer of any board. */
const BLOCK_BYTES = 512;

/** CRC-32 of an erased block. */
const BLANK_CRC = crc32(Buffer.alloc(BLOCK_BYTES, 255));

/** Blocks whose CRC is taken at once: well below the 5 s that an expression may take. */
const BLOCKS_AT_ONCE = 64;

/** A ledger, and the bytes that it was read from. */
export type DeviceLedger = LedgerImage & { readonly region: Buffer };

/** The bytes of the ledger's flash region. Blank blocks are not carried over the cable. */
async function readRegion(device: BoardConsole, board: Board): Promise<Buffer> {
  const { flash } = board;
  const module = await flashExpression(device, board);
  const region = Buffer.alloc(flash.pageBytes * flash.pageCount, 255);
  const count = region.length / BLOCK_BYTES;
  for (let from = 0; from < count; from += BLOCKS_AT_ONCE) {
    const blank = await device.evaluate<string>(
      `(function(f,a,n){var s="";for(var i=0;i<n;i++)s+=E.CRC32(f.read(${BLOCK_BYTES},a+i*${BLOCK_BYTES}))==${BLANK_CRC}?1:0;return s})(${module},${flash.address + from * BLOCK_BYTES},${Math.min(BLOCKS_AT_ONCE, count - from)})`,
    );
    for (let i = 0; i < blank.length; i++) {
      if (blank[i] === "1") continue;
      const at = (from + i) * BLOCK_BYTES;
      Buffer.from(await device.evaluate<string>(`btoa(${module}.read(${BLOCK_BYTES},${flash.address + at}))`), "base64").copy(region, at);
    }
  }
  return region;
}

/** The ledger, verified with the device's key where it is given. */
export async function readLedger(device: BoardConsole, board: Board, key?: Uint8Array): Promise<DeviceLedger> {
  const region = await readRegion(device, board);
  return { ...readFlashImage(region, board.flash, { key }), region };
}

/** Erases the ledger. */
export async function eraseRegion(device: BoardConsole, board: Board): Promise<void> {
  const { flash } = board;
  const module = await flashExpression(device, board);
  for (let page = 0; page < flash.pageCount; page++) await device.evaluate(`${module}.erasePage(${flash.address + page * flash.pageBytes})`);
}

/** The record of a start. */
export type Started = Extract<LedgerRecord, { type: "started" }>;

/** The newest start in the ledger. */
export function lastStart({ records }: LedgerImage): Started | undefined {
  return records.filter((record): record is Started => record.type === "started").at(-1);
}

/** The bytes of a file with a copy of a ledger. */
export function copyOf(deviceName: string, { name, flash: { pageBytes, pageCount } }: Board, { region }: DeviceLedger): Buffer {
  return packCopy({ device: deviceName, board: name, copiedAt: new Date().toISOString(), part: "pages", pageBytes, pageCount }, region);
}

/** Keeps a copy of a ledger on this computer. Another log, or a longer one, gets a file of its own. @returns the file */
export function keepLedger(deviceName: string, board: Board, ledger: DeviceLedger): string {
  const { logId, records } = ledger;
  return keepCopy(deviceName, `ledger-${board.name}-${logId ?? "unnamed"}-${records.at(-1)?.sequence ?? 0}.bin`, copyOf(deviceName, board, ledger));
}
