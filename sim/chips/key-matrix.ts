// A matrix of contacts as currents flow in it: rows that are driven low pull down the columns that closed contacts join them with. Without diodes a
// current finds its way through other closed contacts too, and a contact seems closed that is not: a ghost.

import type { MatrixKeysWiring } from "../../firmware/boards/board.js";
import type { KeyName } from "../../hal/keys.js";

/**
 * The columns that are low, a bit each.
 * @param rowsLow rows that are driven low, a bit each; nothing drives the others
 */
export function lowColumns(wiring: MatrixKeysWiring, keysDown: ReadonlySet<KeyName>, rowsLow: number): number {
  const isClosed = (row: number, column: number): boolean => keysDown.has(wiring.places[row]?.[column] as KeyName);
  let rows = rowsLow;
  let columns = 0;
  for (let before = -1; before !== columns; ) {
    before = columns;
    wiring.rows.forEach((_, row) => {
      wiring.columns.forEach((_, column) => {
        if (!isClosed(row, column)) return;
        if (rows & (1 << row)) columns |= 1 << column;
        // A diode lets no current flow from a row to a column.
        else if (!wiring.hasDiodes && columns & (1 << column)) rows |= 1 << row;
      });
    });
  }
  return columns;
}

/** What scanning row by row finds: a bit a place, row by row. */
export function scanned(wiring: MatrixKeysWiring, keysDown: ReadonlySet<KeyName>): number {
  return wiring.rows.reduce((found, _, row) => found | (lowColumns(wiring, keysDown, 1 << row) << (row * wiring.columns.length)), 0);
}
