// Files that a command makes for people, who may have changed one that is there.

import { existsSync } from "node:fs";
import { ToolError } from "./tool-error.js";

/** @throws ToolError `fileExists` where there is such a file */
export function requireNew(file: string): void {
  if (existsSync(file)) throw new ToolError("fileExists", `${file} exists already.`, "The file stays as it is.", "Name another file.");
}
