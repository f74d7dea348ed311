// Ledgers to start with: none, nearly empty, half full and full, written by the firmware's own ledger into a simulated chip.

import { STATE_EVERY, TOTALS_EVERY } from "../../firmware/app/checkpoint.js";
import type { Board } from "../../firmware/boards/board.js";
import { RecordType } from "../../firmware/ledger/records.js";
import { NorFlash } from "../chips/nor-flash.js";
import { openSimulatedLedger } from "../world/simulated-key.js";

/** What lies in a board's raw region. */
export interface LedgerFill {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The very first start of a terminal: it erases a page, and checks that it is erased. Provisioning does that, not a clerk in the morning. */
  readonly isFirst: boolean;
}

/** Fields of a session as they often are. */
const SESSION_TEXT = '"00010","T-100001",0,5,12345';
/** The totals that the firmware writes now and again: a month's, a day's. */
const TOTALS_TEXTS = ['"2026-03 00010",2,3,5,80,900,7', '"2026-03-02 ",0,0,1,8,90,1'];
/** Name of the ledger that takes no record any more. */
export const FULL = "full ledger";
/** More than any ledger here holds. */
const EVERYTHING = 1_000_000;

/** @param records how many of them; fewer where the region is full before. None of them is acknowledged. */
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

/** Sessions, now and again the state, and the totals right before it, first when there are `STATE_EVERY` records. @param i how many stand before it */
function recordAt(i: number): readonly [RecordType, string] {
  const behindTotals = (i - STATE_EVERY + TOTALS_EVERY) % TOTALS_EVERY;
  const totals = TOTALS_TEXTS[behindTotals - TOTALS_EVERY + TOTALS_TEXTS.length];
  if (totals) return [RecordType.Totals, totals];
  if (i % STATE_EVERY > 0) return [RecordType.Session, SESSION_TEXT];
  // Sequence numbers begin at 1.
  const first = i < STATE_EVERY ? 0 : i - behindTotals - TOTALS_TEXTS.length + 1;
  return [RecordType.State, `"00010","","","",0,${first},1`];
}

/** The ledgers that starts are compared with. All but the full one end equally far behind a `State` record, and have room for what a start writes. */
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
