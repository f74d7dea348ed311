// The files of a terminal's store for one board: what its Storage has left goes to the characters of emergency texts.

import type { Board } from "../../boards/board.js";
import { sizeOf } from "../../display/layouts.js";
import { bundleBudgetBytes } from "../build/budgets.js";
import { storageBytes } from "../build/install-script.js";
import { configOf, packFully, type Shown, type StoreFiles, storeFiles } from "./site.js";

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
  const size = sizeOf(board.display.driver);
  const { glyphs, ...others } = storeFiles(fields, shown, key, size);
  if (!glyphs || !size) return others;
  return { ...others, glyphs: packFully(configOf(fields), shown, size, roomOf(board, others)).file };
}

/**
 * The characters of an emergency text that a terminal cannot show, each once. A display of digits shows none.
 * @param fields of the configuration, as in a site file
 * @throws as `storeFiles` does
 */
export function missingInEmergency(board: Board, fields: Readonly<Record<string, unknown>>, shown: Shown, text: string): string {
  const size = sizeOf(board.display.driver);
  if (!size) return [...new Set(text)].join("");
  const { glyphs: _, ...others } = storeFiles(fields, shown, new Uint8Array(32), size);
  const { emergency } = packFully(configOf(fields), shown, size, roomOf(board, others));
  return [...new Set(text)].filter((character) => character > "~" && !emergency.includes(character)).join("");
}

/** What a board has left for the glyph file beside its other files, in bytes. */
function roomOf(board: Board, others: Omit<StoreFiles, "glyphs">): number {
  // The glyph file has a header of its own.
  const lengths = [bundleBudgetBytes(board), SPARE_BYTES, ...Object.values(others).map(({ length }) => length), 0];
  return Math.min(MOST_GLYPH_BYTES, board.storage.lengthBytes - storageBytes(board, lengths));
}
