// Keys as a matrix. At rest every row is driven low, so any contact pulls its column low, and the edge starts a scan. While no key is pressed nothing is scanned. While
// any key is down, the matrix is scanned again and again, because a second key in the same column makes no edge.
// Without diodes, three contacts at the corners of a rectangle look like four. Then no further key counts as pressed until the rectangle is gone.

import type { KeyName, Keys } from "../../keys.js";
import type { EspruinoClock } from "../clock.js";
import { part } from "../part.js";

/** Time between two scans while any key is down. With the time of a scan, an edge is answered within 50 ms. */
export const SCAN_MS = 20;

interface MatrixWiring {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly places: readonly (readonly (KeyName | "")[])[];
  readonly hasDiodes: boolean;
}

/** Whether two rows of a scan have two columns in common. @param found a bit for each place, row by row */
export function isAmbiguous(found: number, rows: number, columns: number): boolean {
  const mask = (1 << columns) - 1;
  for (let one = 1; one < rows; one++) {
    for (let other = 0; other < one; other++) {
      const common = (found >> (one * columns)) & (found >> (other * columns)) & mask;
      if (common & (common - 1)) return true;
    }
  }
  return false;
}

export function createKeys(clock: EspruinoClock, wiring: MatrixWiring): Keys {
  const rows = wiring.rows.map((name) => part<Pin>(name));
  const columns = wiring.columns.map((name) => part<Pin>(name));
  /** A bit for each place, row by row: the levels that the last scan found, and the reported levels. */
  let found = 0;
  let told = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hear: ((key: KeyName, isDown: boolean, atMs: number) => void) | undefined;

  function drive(level: 0 | 1): void {
    for (let r = 0; r < rows.length; r++) digitalWrite(rows[r] as Pin, level);
  }

  function keyAt(place: number): KeyName {
    return (wiring.places[Math.floor(place / columns.length)] as readonly KeyName[])[place % columns.length] as KeyName;
  }

  function scan(atMs: number): void {
    found = 0;
    drive(1);
    rows.forEach((row, r) => {
      digitalWrite(row, 0);
      columns.forEach((column, c) => {
        if (!digitalRead(column)) found |= 1 << (r * columns.length + c);
      });
      digitalWrite(row, 1);
    });
    drive(0);
    // While the pressed keys are ambiguous, keys can only be let go.
    const now = !wiring.hasDiodes && isAmbiguous(found, rows.length, columns.length) ? found & told : found;
    const changed = now ^ told;
    told = now;
    if (timer) clearTimeout(timer);
    timer = found ? setTimeout(scanAgain, SCAN_MS) : undefined;
    for (let place = 0; hear && changed >> place; place++) {
      const key = (changed >> place) & 1 ? keyAt(place) : "";
      if (key) hear(key, ((now >> place) & 1) > 0, atMs);
    }
  }

  function scanAgain(): void {
    scan(clock.nowMs());
  }

  return {
    start(onEdge) {
      if (hear) throw new Error("keys are started already");
      // Open drain: a row that is not driven low is not driven at all, so two rows never drive against each other.
      for (let r = 0; r < rows.length; r++) pinMode(rows[r] as Pin, "opendrain");
      for (let c = 0; c < columns.length; c++) pinMode(columns[c] as Pin, "input_pullup");
      scan(clock.nowMs());
      hear = onEdge;
      columns.forEach((column, c) => {
        setWatch(
          (event) => {
            let isLow = false;
            for (let r = 0; r < rows.length; r++) if (found & (1 << (r * columns.length + c))) isLow = true;
            // The scan makes edges too. After such an edge the level is the one that the scan found.
            if (!digitalRead(column) !== isLow) scan(clock.fromSeconds(event.time));
          },
          column,
          { repeat: true, edge: "both" },
        );
      });
      const down: KeyName[] = [];
      for (let place = 0; told >> place; place++) {
        const key = (told >> place) & 1 ? keyAt(place) : "";
        if (key) down.push(key);
      }
      return down;
    },
  };
}
