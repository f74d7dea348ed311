// The places of the lines of each view, in one table for each size of display. The technician's tool puts the table for the terminal's display into the glyph
// file. The firmware itself contains none of it.

import type { LayoutName } from "./view.js";

/** The font of text that the board puts together: 12, 16 or 24 pixels high. `double` is `small`, enlarged twice. */
export type DynamicFont = "small" | "medium" | "double";

export interface LineLayout {
  /** The room that the line has, in pixels. A ready picture is as large as this allows, and stands in its middle. */
  readonly room: readonly [left: number, top: number, width: number, height: number];
  /** The font of text that the board puts together in this line. */
  readonly font: DynamicFont;
  /** The text begins at the left edge of the room instead of standing in its middle. */
  readonly isLeft?: boolean;
}

export interface DisplaySize {
  readonly width: number;
  readonly height: number;
}

export type Layouts = Readonly<Record<LayoutName, readonly LineLayout[]>>;

/** A line across the whole width. */
function row(width: number, top: number, height: number, font: DynamicFont): LineLayout {
  return { room: [0, top, width, height], font };
}

/** A line that this size of display has no room for: nothing is shown in it. */
const NOWHERE: LineLayout = { room: [0, 0, 0, 0], font: "small" };

/**
 * An emergency text in one large line, in two, or in four small ones: the display takes the first in which all of it fits. The lines of the text have one font, also
 * those without room: the board looks for a character in the font of its line.
 */
function alerts(width: number): Pick<Layouts, "alert" | "alert2" | "alert3"> {
  const header = row(width, 0, 13, "small");
  return {
    alert: [header, row(width, 27, 24, "double"), NOWHERE, NOWHERE, NOWHERE],
    alert2: [header, row(width, 14, 24, "double"), row(width, 39, 24, "double"), NOWHERE, NOWHERE],
    alert3: [header, ...[15, 27, 39, 51].map((top) => row(width, top, 12, "small"))],
  };
}

/** Five reasons below each other, each behind the number of its key. */
function list(left: number, width: number): readonly LineLayout[] {
  return [0, 13, 26, 39, 52].map((top) => ({ room: [left, top, width - left, 12], font: "small", isLeft: true }));
}

const LAYOUTS: Readonly<Record<string, Layouts>> = {
  "128x64": {
    title: [row(128, 0, 32, "medium"), row(128, 33, 17, "medium"), row(128, 51, 13, "small")],
    card: [row(128, 0, 32, "medium"), row(128, 33, 17, "medium"), row(128, 51, 13, "small"), NOWHERE],
    prompt: [row(128, 0, 13, "small"), row(128, 16, 48, "medium")],
    thanks: [row(128, 0, 13, "small"), row(128, 13, 34, "medium"), row(128, 48, 16, "medium")],
    notice: [row(128, 0, 25, "medium"), row(128, 26, 18, "small"), row(128, 46, 18, "medium")],
    ...alerts(128),
    technical: [row(128, 0, 17, "medium"), row(128, 19, 12, "small"), row(128, 32, 12, "small"), row(128, 46, 18, "medium")],
    list: list(2, 128),
  },
  "256x64": {
    title: [row(256, 0, 32, "medium"), row(256, 33, 17, "medium"), row(256, 51, 13, "small")],
    card: [
      { room: [0, 0, 132, 50], font: "medium" },
      { room: [136, 2, 120, 34], font: "medium" },
      { room: [136, 38, 120, 26], font: "small" },
      { room: [0, 51, 132, 13], font: "small" },
    ],
    prompt: [row(256, 0, 17, "medium"), row(256, 18, 46, "medium")],
    thanks: [row(256, 0, 17, "medium"), { room: [8, 22, 112, 38], font: "medium" }, { room: [128, 22, 120, 38], font: "medium" }],
    notice: [row(256, 0, 26, "medium"), row(256, 27, 18, "small"), row(256, 46, 18, "medium")],
    ...alerts(256),
    technical: [row(256, 0, 17, "medium"), row(256, 19, 12, "small"), row(256, 32, 12, "small"), row(256, 46, 18, "medium")],
    list: list(44, 256),
  },
};

/** The size of each driver's display. */
const SIZES: Readonly<Record<string, DisplaySize | null>> = {
  ssd1306: { width: 128, height: 64 },
  sh1106: { width: 128, height: 64 },
  ssd1322: { width: 256, height: 64 },
  // It shows digits and no pictures.
  max7219: null,
};

/** A display that cannot show any view. */
export class DisplayError extends Error {}

/** The size of a display, or null when it shows no pictures. @param driver as in a board file @throws DisplayError when the driver is not known here */
export function sizeOf(driver: string): DisplaySize | null {
  const size = SIZES[driver];
  if (size !== undefined) return size;
  throw new DisplayError(`display: the size of "${driver}" is not known: add it to SIZES in firmware/display/layouts.ts`);
}

/** The sizes that have layouts. */
export const DISPLAY_SIZES: readonly DisplaySize[] = Object.keys(LAYOUTS).map((name) => {
  const [width, height] = name.split("x").map(Number) as [number, number];
  return { width, height };
});

/** The layouts for a size of display. @throws DisplayError when there are none */
export function layoutsFor({ width, height }: DisplaySize): Layouts {
  const layouts = LAYOUTS[`${width}x${height}`];
  if (layouts) return layouts;
  throw new DisplayError(
    `display: there are no layouts for ${width}x${height} pixels, only for ${Object.keys(LAYOUTS).join(" and ")}: add a table to firmware/display/layouts.ts`,
  );
}
