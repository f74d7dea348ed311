// Draws a panel as a person sees it, behind dark glass in a bezel: lit dots, or the red bars of seven-segment digits.

import { PNG } from "pngjs";
import type { Pixels } from "../world/pixels.js";

/** Distance from dot to dot, in pixels of the image. */
const PITCH = 4;
/** Side of a dot, in pixels of the image. The rest is the gap to the next dot. */
const DOT = 3;
/** Width of the bezel, and of the dark glass inside it, in pixels of the image. */
const BEZEL = 10;
const GLASS = 12;

type Colour = readonly [red: number, green: number, blue: number];
const COLOURS = { lit: [226, 244, 255], bar: [255, 72, 60], dark: [14, 17, 21], glass: [7, 9, 12], bezel: [44, 48, 54] } satisfies Record<
  string,
  Colour
>;

/** Draws a panel. @param pitch distance from dot to dot, in pixels of the image @param isSegments whether the dots form bars */
export function paintPanel(pixels: Pixels, pitch = PITCH, isSegments = false): PNG {
  const lit = isSegments ? COLOURS.bar : COLOURS.lit;
  const unlit = isSegments ? COLOURS.glass : COLOURS.dark;
  const dot = pitch > 2 && !isSegments ? Math.round((pitch * DOT) / PITCH) : pitch;
  const edge = Math.round(((BEZEL + GLASS) * pitch) / PITCH);
  const bezel = Math.round((BEZEL * pitch) / PITCH);
  const png = new PNG({ width: pixels.width * pitch + 2 * edge, height: pixels.height * pitch + 2 * edge });
  paint(png, 0, 0, png.width, png.height, COLOURS.bezel);
  paint(png, bezel, bezel, png.width - 2 * bezel, png.height - 2 * bezel, COLOURS.glass);
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++) {
      paint(png, edge + x * pitch, edge + y * pitch, dot, dot, pixels.get(x, y) ? lit : unlit);
    }
  }
  return png;
}

function paint(png: PNG, left: number, top: number, width: number, height: number, colour: Colour): void {
  for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) png.data.set([...colour, 255], (y * png.width + x) * 4);
}

/** Joins pictures in rows. Each row is as high as its highest picture. */
export function contactSheet(rows: readonly (readonly PNG[])[], gap: number): PNG {
  const widthOf = (row: readonly PNG[]): number => row.reduce((sum, { width }) => sum + width + gap, gap);
  const heightOf = (row: readonly PNG[]): number => Math.max(...row.map(({ height }) => height));
  const sheet = new PNG({ width: Math.max(...rows.map(widthOf)), height: rows.reduce((sum, row) => sum + heightOf(row) + gap, gap) });
  paint(sheet, 0, 0, sheet.width, sheet.height, [255, 255, 255]);
  let top = gap;
  for (const row of rows) {
    let left = gap;
    for (const png of row) {
      PNG.bitblt(png, sheet, 0, 0, png.width, png.height, left, top);
      left += png.width + gap;
    }
    top += heightOf(row) + gap;
  }
  return sheet;
}
