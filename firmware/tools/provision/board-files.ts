// The files of a terminal's store for one board: what its Storage has left goes to the characters of emergency texts.

import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { sizeOf } from "../../display/layouts.js";
import { bundleBudgetBytes } from "../build/budgets.js";
import { storageBytes } from "../build/install-script.js";
import { configOf, filesWith, type PackedGlyphs, packFully, type Shown, type StoreFiles } from "./site.js";

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
  return filesWith(glyphsOn(board, config, shown)?.file, config, shown, key);
}

/**
 * The characters of an emergency text that a terminal cannot show, each once. A display of digits shows none.
 * @param fields of the configuration, as in a site file
 * @throws as `storeFiles` does
 */
export function missingInEmergency(board: Board, fields: Readonly<Record<string, unknown>>, shown: Shown, text: string): string {
  const config = configOf(fields);
  const emergency = glyphsOn(board, config, shown)?.emergency;
  return [...new Set(text)].filter((character) => emergency === undefined || (character > "~" && !emergency.includes(character))).join("");
}

/** The glyph file of a board, undefined for a display that shows no pictures. */
function glyphsOn(board: Board, config: Config, shown: Shown): PackedGlyphs | undefined {
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
