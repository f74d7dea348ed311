// Files that a command makes for people, who may have changed one that is there.

import { existsSync } from "node:fs";
import path from "node:path";
import { ToolError, usageError } from "./tool-error.js";

/** @throws ToolError `fileExists` where there is such a file, `usage` where it has no name, `fileMissing` where there is no such folder: its name may be misspelt */
export function requireNew(file: string): void {
  if (!file.trim()) throw usageError("The file has no name.", "Name a file, or leave the name out.");
  const folder = /[/\\]$/.test(file) ? file : path.dirname(file);
  if (!existsSync(folder))
    throw new ToolError("fileMissing", `There is no folder ${folder}.`, "Nothing was written.", "Make the folder, or name another file.");
  if (existsSync(file)) throw new ToolError("fileExists", `${file} exists already.`, "The file stays as it is.", "Name another file.");
}
