// What kind of terminal the page shows: its board, its display, its timetable, and whether citizens may give reasons.

import type { Board } from "../../firmware/boards/board.js";

/** Displays that a board may have instead of its own. Their pins stand for any: the simulation of the sources has none. */
export const DISPLAYS = {
  ssd1306: { driver: "ssd1306", bus: "I2C1", scl: "B8", sda: "B9", address: 0x3c, bitrateHz: 400000 },
  ssd1322: { driver: "ssd1322", bus: "SPI1", sck: "B3", mosi: "B5", cs: "B9", dc: "B8", reset: "B6", bitrateHz: 8_000_000 },
  max7219: { driver: "max7219", bus: "SPI1", sck: "B3", mosi: "B5", cs: "B9", bitrateHz: 5_250_000, digits: 8, intensity: 8 },
} as const satisfies Readonly<Record<string, Board["display"]>>;

/** Timetables of halls: none, or the hours of a working day. At weekends they are closed. */
export const TIMETABLES = ["none", "0800-1800", "0900-1200 1300-1700", "0830-1230 1330-1730"] as const;

export const DISPLAY_NAMES = ["own", ...(Object.keys(DISPLAYS) as (keyof typeof DISPLAYS)[])] as const;

export interface Setup {
  /** Name of a board, or path of a board file. */
  readonly board: string;
  readonly display: (typeof DISPLAY_NAMES)[number];
  readonly timetable: (typeof TIMETABLES)[number];
  /** Whether the citizen may give a reason after a rating. */
  readonly hasReasons: boolean;
}

/** The terminal that `npm start` begins with. */
export function firstSetup(board: string): Setup {
  return { board, display: "own", timetable: "none", hasReasons: true };
}

/** The counters beside this one. */
const NEIGHBOURS = ["7", "9"];
const WORKING_DAYS = 5;

/** The fields of the configuration that a setup decides. @param reasons codes of the hall's reasons */
export function configOfSetup({ timetable, hasReasons }: Setup, reasons: readonly number[]): Readonly<Record<string, unknown>> {
  return {
    neighbours: NEIGHBOURS,
    ...(hasReasons && { reasons }),
    ...(timetable !== "none" && { hours: Array.from({ length: 7 }, (_, day) => (day < WORKING_DAYS ? timetable : "")) }),
  };
}

/** A board with the display of a setup. */
export function withDisplay<T extends Board>(board: T, display: Setup["display"]): Board {
  return display === "own" ? board : ({ ...board, display: DISPLAYS[display] } as Board);
}
