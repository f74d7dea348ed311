// Where the lines of each view stand on a display of 128x64 pixels. Every line is centred.

import type { LayoutName } from "./view.js";

/** `small` is 12 pixels high, `medium` 16, `large` is medium drawn double: 32. */
export type TextSize = "small" | "medium" | "large";

/** Size and top edge of each line, in order. */
export function layoutOf(name: LayoutName): readonly (readonly [TextSize, number])[] {
  switch (name) {
    case "title":
      return [
        ["large", 6],
        ["medium", 46],
      ];
    case "card":
      return [
        ["large", 0],
        ["medium", 34],
        ["small", 52],
      ];
    case "prompt":
      return [
        ["small", 0],
        ["medium", 20],
        ["medium", 42],
      ];
    case "thanks":
      return [
        ["small", 0],
        ["large", 14],
        ["medium", 48],
      ];
    case "notice":
      return [
        ["medium", 4],
        ["small", 27],
        ["small", 48],
      ];
    case "technical":
      return [
        ["medium", 0],
        ["small", 20],
        ["small", 34],
        ["small", 52],
      ];
    case "list":
      return [
        ["small", 0],
        ["small", 13],
        ["small", 26],
        ["small", 39],
        ["small", 52],
      ];
  }
}
