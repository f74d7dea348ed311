// Ledgers for the figures of a start: none, nearly empty, half full and full. The firmware's own ledger writes them into a simulated chip.

import { STATE_EVERY, TOTALS_EVERY } from "../../firmware/app/checkpoint.js";
import type { Board } from "../../firmware/boards/board.js";
import { RecordType } from "../../firmware/ledger/records.js";
import { NorFlash } from "../chips/nor-flash.js";
import { openSimulatedLedger } from "../world/simulated-key.js";

/** The content of a board's raw region. */
export interface LedgerFill {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it is the first start ever, which erases a page and verifies that. It happens at provisioning, and no clerk waits for it. */
  readonly isFirst: boolean;
}

/** Typical fields of a session. */
const SESSION_TEXT = '"00010","T-100001",0,5,12345';
/** Totals of a month and of a day, which the firmware writes now and again. */
const TOTALS_TEXTS = ['"2026-03 00010",2,3,5,80,900,7', '"2026-03-02 ",0,0,1,8,90,1'];
/** The name of the full ledger. */
export const FULL = "full ledger";
/** More records than any of these ledgers can hold. */
const EVERYTHING = 1_000_000;

/** @param records their number; there are fewer when the region is full before. None of them is acknowledged. */
export function fillLedger(board: Board, records: number): Uint8Array {
  const chip = new NorFlash(board.flash, () => undefined);
  const flash = {
    ...board.flash,
    read: (offset: number, lengthBytes: number) => chip.read(offset, lengthBytes),
    write: (offset: number, data: Uint8Array) => {
      chip.write(offset, data);
      return "ok" as const;
    },
    erase: (page: number) => {
      chip.erase(page);
      return "ok" as const;
    },
  };
  const ledger = openSimulatedLedger(flash, () => 0xe124b63a);
  for (let i = 0; i < records; i++) {
    const [type, text] = recordAt(i);
    if (ledger.append(type, 1000 * i, 1_772_411_403 + i, text) !== "ok") break;
  }
  return chip.bytes;
}

/**
 * A record as the firmware writes it: mostly a session; now and again a state, with the totals right before it, the first time behind `STATE_EVERY` records.
 * @param i number of records before it
 */
function recordAt(i: number): readonly [RecordType, string] {
  const behindTotals = (i - STATE_EVERY + TOTALS_EVERY) % TOTALS_EVERY;
  const totals = TOTALS_TEXTS[behindTotals - TOTALS_EVERY + TOTALS_TEXTS.length];
  if (totals) return [RecordType.Totals, totals];
  if (i % STATE_EVERY > 0) return [RecordType.Session, SESSION_TEXT];
  // Sequence numbers begin at 1.
  const first = i < STATE_EVERY ? 0 : i - behindTotals - TOTALS_TEXTS.length + 1;
  return [RecordType.State, `"00010","","","",0,${first},1`];
}

/** The ledgers for starts. All but the full one end equally far behind a `State` record, and have room for the records of a start. */
export function ledgerFills(board: Board): readonly LedgerFill[] {
  const slots = (board.flash.pageBytes * board.flash.pageCount) / 64;
  const half = Math.floor(slots / 2 / STATE_EVERY) * STATE_EVERY;
  const most = Math.floor((slots - board.flash.pageCount - 2) / STATE_EVERY) * STATE_EVERY;
  return [
    { name: "first start ever", bytes: fillLedger(board, 0), isFirst: true },
    { name: "64 records", bytes: fillLedger(board, 64), isFirst: false },
    { name: `${half} records`, bytes: fillLedger(board, half), isFirst: false },
    { name: `${most} records`, bytes: fillLedger(board, most), isFirst: false },
    { name: FULL, bytes: fillLedger(board, EVERYTHING), isFirst: false },
  ];
}
