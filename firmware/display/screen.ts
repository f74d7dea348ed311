// Puts a view on the display: phrases by their ids, each line where the layout wants it, and only when the view has changed.

import type { PixelDisplay } from "../../hal/display.js";
import type { Store } from "../../hal/store.js";
import { placeOf } from "../text.js";
import { openGlyphs } from "./glyphs.js";
import { layoutOf } from "./layouts.js";
import type { View } from "./view.js";

export interface Screen {
  /** @returns false when the display did not take the view; it is drawn again with the next call */
  show(view: View): boolean;
  /** Whether every character of a text is in the glyph file. */
  canShow(words: string): boolean;
}

export function createScreen(display: PixelDisplay, store: Store): Screen {
  const glyphs = openGlyphs(store.read("glyphs"));
  const phrases = store.read("phrases") || "";
  let shown = "";

  function textOf(words: string): string {
    if (words.charAt(0) !== "@") return words;
    const parts = words.split("#");
    const key = "\n" + (parts[0] as string).substr(1) + "=";
    const at = placeOf(phrases, key) + key.length;
    return at < key.length
      ? words
      : phrases
          .substr(at, phrases.indexOf("\n", at) - at)
          .split("#")
          .join(parts[1] || "");
  }

  return {
    show(view) {
      const key = view.join("\n");
      if (key === shown || !glyphs) return true;
      const layout = layoutOf(view[0]);
      display.clear();
      for (let i = 0; i < layout.length; i++) {
        const line = layout[i] as (typeof layout)[0];
        const words = textOf(view[i + 1] as string);
        const font = line[0] === "small" ? "small" : "medium";
        glyphs.draw(display, font, words, line[1], line[0] === "large" ? 2 : 1);
      }
      shown = display.flush() === "ok" ? key : "";
      return !!shown;
    },
    canShow: (words) => !!glyphs && glyphs.knows(words),
  };
}
