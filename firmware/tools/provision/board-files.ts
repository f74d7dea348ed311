// The files of a terminal's store for one board: what its Storage has left goes to the characters of emergency texts.

import { crc32 } from "node:zlib";
import type { PixelDisplay } from "../../../hal/display.js";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { sizeOf } from "../../display/layouts.js";
import { createScreen } from "../../display/screen.js";
import { bundleBudgetBytes } from "../build/budgets.js";
import { storageBytes } from "../build/install-script.js";
import { configOf, filesWith, packFully, type Shown, type StoreFiles } from "./site.js";

/** Left for the lock, the notes of the tool, and what a file that is replaced leaves behind, in bytes. */
const SPARE_BYTES = 2560;

/** More would only make the file longer to send: all characters take less. */
const MOST_GLYPH_BYTES = 0xffff;

/**
 * As `storeFiles`, with as many characters for emergency texts as fit beside the largest bundle of this board.
 * @param fields of the configuration, as in a site file
 * @param key the device's own key, 32 bytes
 * @throws as `storeFiles` does
 */
export function filesOn(board: Board, fields: Readonly<Record<string, unknown>>, shown: Shown, key: Uint8Array): StoreFiles {
  const config = configOf(fields);
  return filesWith(glyphsOn(board, config, shown), config, shown, key);
}

/** What keeps a terminal from showing an emergency text. */
export interface EmergencyObjection {
  /** The characters of which it has no picture, each once. */
  readonly characters: string;
  /** The text takes more lines than the display has. */
  readonly isTooLong: boolean;
}

/**
 * What keeps a terminal from showing an emergency text, as its own display module says. A display of digits shows none.
 * @param fields of the configuration, as in a site file
 * @throws as `storeFiles` does
 */
export function objectionToEmergency(board: Board, fields: Readonly<Record<string, unknown>>, shown: Shown, text: string): EmergencyObjection {
  const glyphs = glyphsOn(board, configOf(fields), shown);
  const size = sizeOf(board.display.driver);
  if (!glyphs || !size) return { characters: [...new Set(text)].join(""), isTooLong: false };
  const file = glyphs.toString("latin1");
  const crcOf = (data: string): number => crc32(Buffer.from(data, "latin1"));
  const screen = createScreen({ widthPixels: size.width } as PixelDisplay, { read: () => file }, crcOf, () => 0);
  const objectionTo = (words: string): string => screen.objectionTo(Buffer.from(words).toString("latin1"));
  const characters = [...new Set(text)].filter((character) => objectionTo(character) === "missingGlyph").join("");
  return { characters, isTooLong: !characters && objectionTo(text) === "tooLong" };
}

/** The glyph file of a board, undefined for a display that shows no pictures. */
function glyphsOn(board: Board, config: Config, shown: Shown): Buffer | undefined {
  const size = sizeOf(board.display.driver);
  return size ? packFully(config, shown, size, roomOf(board, config, shown)) : undefined;
}

/** What a board has left for the glyph file beside its other files, in bytes. */
function roomOf(board: Board, config: Config, shown: Shown): number {
  const others = Object.values(filesWith(undefined, config, shown, new Uint8Array(32)));
  // The glyph file has a header of its own.
  const lengths = [bundleBudgetBytes(board), SPARE_BYTES, ...others.map(({ length }) => length), 0];
  return Math.min(MOST_GLYPH_BYTES, board.storage.lengthBytes - storageBytes(board, lengths));
}
