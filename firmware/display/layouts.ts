// Where the lines of each view stand, a table for each size of display. The tool packs the table of the terminal's display into its glyph file; the
// firmware holds none of this.

import type { LayoutName } from "./view.js";

/** A font of the glyph file for text that is put together on the board: its characters and how often they are enlarged. */
export type DynamicFont = "small" | "medium" | "double";

export interface LineLayout {
  /** Left, top, width and height of the room that the line has, in pixels. A ready picture is as large as fits, and stands in the middle. */
  readonly room: readonly [left: number, top: number, width: number, height: number];
  /** What is put together from characters stands in this font: 12, 16 or 24 pixels high. */
  readonly font: DynamicFont;
  /** The line begins at the left of its room, instead of standing in the middle. */
  readonly isLeft?: boolean;
}

export interface DisplaySize {
  readonly width: number;
  readonly height: number;
}

export type Layouts = Readonly<Record<LayoutName, readonly LineLayout[]>>;

/** A line over the whole width. */
function row(width: number, top: number, height: number, font: DynamicFont): LineLayout {
  return { room: [0, top, width, height], font };
}

/** A line that a smaller display has, and this one has no room for. */
const NOWHERE: LineLayout = { room: [0, 0, 0, 0], font: "medium" };

/** Five reasons, one below the other, each behind the number of its key. */
function list(left: number, width: number): readonly LineLayout[] {
  return [0, 13, 26, 39, 52].map((top) => ({ room: [left, top, width - left, 12], font: "small", isLeft: true }));
}

const LAYOUTS: Readonly<Record<string, Layouts>> = {
  "128x64": {
    title: [row(128, 0, 41, "medium"), row(128, 44, 18, "medium")],
    card: [row(128, 0, 32, "medium"), row(128, 33, 17, "medium"), row(128, 51, 13, "small")],
    prompt: [row(128, 0, 13, "small"), row(128, 16, 48, "medium")],
    thanks: [row(128, 0, 13, "small"), row(128, 13, 34, "medium"), row(128, 48, 16, "medium")],
    notice: [row(128, 0, 25, "medium"), row(128, 26, 18, "medium"), row(128, 46, 18, "medium")],
    alert: [row(128, 0, 16, "medium"), row(128, 28, 16, "medium"), row(128, 47, 16, "medium"), NOWHERE],
    emergency: [row(128, 0, 13, "small"), row(128, 15, 16, "medium"), row(128, 31, 16, "medium"), row(128, 47, 16, "medium")],
    technical: [row(128, 0, 17, "medium"), row(128, 19, 12, "small"), row(128, 32, 12, "small"), row(128, 46, 18, "medium")],
    list: list(2, 128),
  },
  "256x64": {
    title: [row(256, 0, 38, "medium"), row(256, 39, 24, "double")],
    card: [
      { room: [0, 0, 132, 64], font: "medium" },
      { room: [136, 2, 120, 34], font: "medium" },
      { room: [136, 38, 120, 26], font: "small" },
    ],
    prompt: [row(256, 0, 17, "medium"), row(256, 18, 46, "medium")],
    thanks: [row(256, 0, 17, "medium"), { room: [8, 22, 112, 38], font: "medium" }, { room: [128, 22, 120, 38], font: "medium" }],
    notice: [row(256, 0, 26, "medium"), row(256, 27, 18, "medium"), row(256, 46, 18, "medium")],
    alert: [row(256, 0, 16, "medium"), row(256, 28, 24, "double"), NOWHERE, NOWHERE],
    emergency: [row(256, 0, 13, "small"), row(256, 14, 24, "double"), row(256, 39, 24, "double"), { ...NOWHERE, font: "double" }],
    technical: [row(256, 0, 17, "medium"), row(256, 19, 12, "small"), row(256, 32, 12, "small"), row(256, 46, 18, "medium")],
    list: list(44, 256),
  },
};

/** Pixels of each driver's display. */
const SIZES: Readonly<Record<string, DisplaySize | null>> = {
  ssd1306: { width: 128, height: 64 },
  sh1106: { width: 128, height: 64 },
  ssd1322: { width: 256, height: 64 },
  // Digits show words of their own.
  max7219: null,
};

/** A display that no view could be shown on. */
export class DisplayError extends Error {}

/** The size of a board's display, or null when it shows no pictures. @param driver as in its board file. @throws DisplayError when it is not known here */
export function sizeOf(driver: string): DisplaySize | null {
  const size = SIZES[driver];
  if (size !== undefined) return size;
  throw new DisplayError(`display: the size of "${driver}" is not known: add it to SIZES in firmware/display/layouts.ts`);
}

/** All sizes that there are layouts for. */
export const DISPLAY_SIZES: readonly DisplaySize[] = Object.keys(LAYOUTS).map((name) => {
  const [width, height] = name.split("x").map(Number) as [number, number];
  return { width, height };
});

/** The layouts for a display. @throws DisplayError when there are none */
export function layoutsFor({ width, height }: DisplaySize): Layouts {
  const layouts = LAYOUTS[`${width}x${height}`];
  if (layouts) return layouts;
  throw new DisplayError(
    `display: there are no layouts for ${width}x${height} pixels, only for ${Object.keys(LAYOUTS).join(" and ")}: add a table to firmware/display/layouts.ts`,
  );
}
