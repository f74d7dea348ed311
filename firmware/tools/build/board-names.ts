// The boards that there are. A file of its own: who only wants their names need not load what builds for them.

import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const BOARDS = fileURLToPath(new URL("../../boards", import.meta.url));

/** The files in firmware/boards, but for those that say what a board and a chip are. */
export function boardNames(): string[] {
  return readdirSync(BOARDS)
    .filter((file) => file.endsWith(".ts") && file !== "board.ts" && file !== "chip.ts")
    .map((file) => path.basename(file, ".ts"))
    .sort();
}
