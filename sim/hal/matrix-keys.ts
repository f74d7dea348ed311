// A matrix of keys over a simulated world: the results of its scans, and their times.

import type { MatrixKeysWiring } from "../../firmware/boards/board.js";
import { SCAN_MS } from "../../hal/espruino/keys/matrix.js";
import type { KeyEdgeListener, KeyName } from "../../hal/keys.js";
import { scanned } from "../chips/key-matrix.js";
import type { ReaderParts } from "./badge-readers.js";

export interface SimulatedMatrix {
  start(onEdge: KeyEdgeListener): readonly KeyName[];
  /** A contact has moved. */
  onContact(): void;
}

export function createMatrix(wiring: MatrixKeysWiring, { world, nowMs, after }: ReaderParts): SimulatedMatrix {
  const places = wiring.places.flatMap((row) => wiring.columns.map((_, column) => row[column] || undefined));
  let found = 0;
  const told = new Set<KeyName>();
  let scans = 0;
  let hear: KeyEdgeListener | undefined;

  /** The columns in which a contact is closed, as bits. */
  const columnsOf = (bits: number): number => wiring.rows.reduce((all, _, row) => all | (bits >> (row * wiring.columns.length)), 0) & columnMask;
  const columnMask = (1 << wiring.columns.length) - 1;

  /** Whether two rows share two closed columns. Without diodes one of the four contacts may be a ghost. */
  function hasRectangle(bits: number): boolean {
    const rows = wiring.rows.map((_, row) => (bits >> (row * wiring.columns.length)) & columnMask);
    return rows.some((one, i) => rows.slice(0, i).some((other) => wiring.columns.filter((_, column) => ((one & other) >> column) & 1).length > 1));
  }

  function scan(): void {
    found = scanned(wiring, world.keysDown);
    const isUnclear = !wiring.hasDiodes && hasRectangle(found);
    const changes = places.flatMap((key, place) => {
      if (!key) return [];
      const isDown = ((found >> place) & 1) === 1 && (!isUnclear || told.has(key));
      return isDown === told.has(key) ? [] : [{ key, isDown }];
    });
    for (const { key, isDown } of changes) isDown ? told.add(key) : told.delete(key);
    const number = ++scans;
    if (found) after(SCAN_MS, () => number === scans && scan());
    for (const { key, isDown } of changes) hear?.(key, isDown, nowMs());
  }

  return {
    start(onEdge) {
      scan();
      hear = onEdge;
      return places.filter((key): key is KeyName => !!key && told.has(key));
    },
    onContact() {
      if (hear && columnsOf(scanned(wiring, world.keysDown)) !== columnsOf(found)) scan();
    },
  };
}
