// The folder `secrets/`, where the tool is run: device keys, install scripts, and copies of what is on single terminals. Nobody else can read it, neither git nor npm
// takes it along, and it is apart from `dist/`, which people publish and delete.

import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../build/build.js";

/** The name of the folder. */
export const SECRETS = "secrets";

/** Files that keep the folder out of repositories and packages. */
const IGNORE_FILES = [".gitignore", ".npmignore"];

/** The path of a file or folder among the secrets. */
export function secretPath(...names: readonly string[]): string {
  return path.resolve(SECRETS, ...names);
}

/** Writes a file for this user's eyes alone, with its folder. Nobody ever reads half of it. */
export function writeSecret(file: string, content: string | Buffer): void {
  keepApart(file);
  writeWhole(file, content, true);
}

/** Adds to such a file. */
export function appendSecret(file: string, text: string): void {
  keepApart(file);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  appendFileSync(file, text, { mode: 0o600 });
}

/** Puts the files into `secrets/` that keep it out of repositories and packages. Other folders are the user's own. */
function keepApart(file: string): void {
  if (!path.resolve(file).startsWith(secretPath() + path.sep)) return;
  for (const name of IGNORE_FILES) if (!existsSync(secretPath(name))) writeWhole(secretPath(name), "*\n", true);
}
