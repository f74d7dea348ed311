// Simulates years at a busy counter with the ledger alone, on the flash of each board, and compares the erases of each page with those it is rated for.

import { STATE_EVERY } from "../../firmware/app/checkpoint.js";
import type { Board } from "../../firmware/boards/board.js";
import type { FlashRating } from "../../firmware/boards/chip.js";
import { Outcome, RecordType } from "../../firmware/ledger/records.js";
import { chipOf } from "../../firmware/tools/boards/chips.js";
import { MEMORY_CHIPS } from "../../firmware/tools/boards/memory-chips.js";
import { flashOver } from "../chips/nor-flash.js";
import { createChip, startLedger, textOf, type Value } from "./device.js";

/** The rating of the flash of a board. A ledger in a file has none. */
function ratingOf(board: Board): FlashRating | undefined {
  const { flash } = board;
  const memory = flash.driver && MEMORY_CHIPS[flash.chip];
  if (flash.driver) return memory && { erases: memory.erases, source: flash.chip };
  return flash.storageFile ? undefined : chipOf(board)?.rating;
}

/** One day at the counter. */
export interface Work {
  readonly days: number;
  readonly sessions: number;
}

/** Five years, every day. */
export const FIVE_YEARS: Work = { days: 5 * 365, sessions: 300 };

export interface Wear {
  readonly board: string;
  readonly work: Work;
  readonly records: number;
  readonly leastErases: number;
  readonly mostErases: number;
  /** Undefined where the flash of the board is a file. */
  readonly rating: FlashRating | undefined;
}

/** Number of sessions between two pauses of the clerk, in which the ledger may tidy. */
const SESSIONS_BETWEEN_PAUSES = 100;
const CLERK = "00010";
/** Rows of the totals of each evening: seven days, and three months with two clerks each. */
const TOTALS_ROWS = 13;
const TOTALS = [100, 200, 300, 4000, 5000, 300, 20, 3, 20, 10, 5];

/** Simulates the years, record by record. */
export function simulateWear(board: Board, work: Work = FIVE_YEARS): Wear {
  const chip = createChip(board.flash);
  let records = 0;
  let transaction = 0;
  for (let day = 0; day < work.days; day++) {
    const ledger = startLedger(flashOver(chip), () => 1);
    let atMs = 0;
    const wallSeconds = 1_772_411_403 + day * 86_400;
    const append = (type: RecordType, values: readonly Value[]): void => {
      atMs += 1000;
      const status = ledger.append(type, atMs, wallSeconds + atMs / 1000, textOf(values));
      if (status !== "ok") throw new Error(`on day ${day} of ${board.name}: ${status}`);
      records++;
      ledger.acknowledge(ledger.last());
    };
    append(RecordType.Started, ["0.1.0", 1, "sim", "ok", 0]);
    ledger.tidy(true);
    append(RecordType.SignIn, [CLERK, "W26:2C4D5E", "onTime"]);
    for (let i = 1; i <= work.sessions; i++) {
      const id = `T-${100_000 + (transaction++ % 900_000)}`;
      const begun = ledger.begin(RecordType.Session, atMs, wallSeconds, `${textOf([CLERK, id])},`);
      if (begun !== "ok") throw new Error(`on day ${day} of ${board.name}: ${begun}`);
      append(RecordType.Session, [CLERK, id, Outcome.Rated, 5, 4321]);
      if (ledger.last() % STATE_EVERY === 0) append(RecordType.State, [CLERK, "", "", "", 0]);
      if (i % SESSIONS_BETWEEN_PAUSES !== 0) continue;
      append(RecordType.PauseBegan, [CLERK, "restroom", ""]);
      ledger.tidy(false);
      append(RecordType.PauseEnded, [CLERK, 300, "restroom"]);
    }
    append(RecordType.SignOut, [CLERK, "", 0]);
    ledger.tidy(true);
    for (let row = 0; row < TOTALS_ROWS; row++) append(RecordType.Totals, ["2026-03 00010", ...TOTALS]);
    append(RecordType.State, ["", "", "", "", 0, ledger.last() - TOTALS_ROWS, 1]);
  }
  // The pages behind those of the ledger hold configuration and roster, which nobody replaces here.
  const wear = [...chip.wear].slice(0, board.flash.pageCount);
  return {
    board: board.name,
    work,
    records,
    leastErases: Math.min(...wear),
    mostErases: Math.max(...wear),
    rating: ratingOf(board),
  };
}

/** Whether a page wears out before the end. */
export function isWornOut({ mostErases, rating }: Wear): boolean {
  return rating !== undefined && mostErases > rating.erases;
}

/** The boards, one line for each. */
export function wearTable(wears: readonly Wear[]): string {
  const rows = [
    ["board", "records", "least worn page", "most worn page", "rated erases", "used", "evenness"],
    ...wears.map(({ board, records, leastErases, mostErases, rating }) => [
      board,
      `${records}`,
      `${leastErases}`,
      `${mostErases}`,
      rating ? `${rating.erases} (${rating.source})` : "none: a file",
      rating ? `${((100 * mostErases) / rating.erases).toFixed(1)} %` : "",
      `${((100 * leastErases) / mostErases).toFixed(1)} %`,
    ]),
  ];
  const widths = (rows[0] as readonly string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
