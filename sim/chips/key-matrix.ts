// The currents in a matrix of contacts. A row that is driven low pulls down each column that a closed contact joins to it. Without diodes a current also
// flows through other closed contacts, so that an open contact seems closed: a ghost.

import type { MatrixKeysWiring } from "../../firmware/boards/board.js";
import type { KeyName } from "../../hal/keys.js";

/**
 * The columns that are low, as bits.
 * @param rowsLow the rows that are driven low, as bits; nothing drives the others
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

/** The result of a scan: one bit for each place, row by row. */
export function scanned(wiring: MatrixKeysWiring, keysDown: ReadonlySet<KeyName>): number {
  return wiring.rows.reduce((found, _, row) => found | (lowColumns(wiring, keysDown, 1 << row) << (row * wiring.columns.length)), 0);
}
