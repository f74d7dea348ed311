// The most that a bundle may measure, so that a build can say at once when the firmware has grown too large.

import type { Board } from "../../boards/board.js";

/**
 * For a board with a cable only: 33.5 kB. A Pico's Storage of 48 kB also holds the glyphs and the roster, of 12 clerks at least beside a bundle of this size. The
 * design said 31 kB, before reasons by grade.
 */
const BUNDLE_BYTES = 34304;

/** The driver of a memory on SPI, and what a ring of several pages needs beyond one of a single page. It takes the room of five of a Pico's clerks. */
const MEMORY_BYTES = 2048;

/** The driver of a clock chip, and what looks after it. It takes the room of five of a Pico's clerks too. */
const CLOCK_BYTES = 2048;

/** For boards with a network, which speak MQTT and lines over TCP besides, and replace their configuration where they have room: their Storage is 64 kB and more. */
const NETWORK_BYTES = 43008;

/** The most that the bundle of a board may measure, in bytes. */
export function bundleBudgetBytes({ link, flash, clock }: Board): number {
  return (link.driver === "network" ? NETWORK_BYTES : BUNDLE_BYTES) + (flash.driver ? MEMORY_BYTES : 0) + (clock ? CLOCK_BYTES : 0);
}

/** The other budgets of the design, which `npm run bench` measures. */
export const BUDGETS = {
  /** Most variables in use on a Pico when the terminal is ready, and after 10 000 sessions. */
  picoVariables: 2500,
  /** Most statements from a key's edge to the light and to the sound. */
  pressStatements: 150,
  /** Most instructions of the interpreter for a press, in those of a hand-written sketch for the same keypad. */
  pressTimesSketch: 3,
  /** Longest time from a badge in front of the reader to the name on the display, in ms. */
  badgeToNameMs: 300,
  /** Longest redraw of a view on a Pico without the display's bus, in ms. */
  redrawMs: 100,
  /** Most of a Pico's time, of a second, that garbage may take at the fastest rate of its cable, in ms: the rest is for keys and people. */
  garbageMs: 500,
  /** Longest start on a Pico, however many records its ledger holds, in ms. */
  startMs: 350,
  /** Most flash bytes that a session's record takes. */
  sessionFlashBytes: 64,
  /** Fewest days of a counter, of 200 sessions each, that are simulated in a second on one core. */
  daysPerSecond: 200,
} as const;
