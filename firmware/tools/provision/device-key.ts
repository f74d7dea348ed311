// The device keys on this computer, a file each: whoever checks a terminal's records, such as the host, needs them.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { outputFolder, writeWhole } from "../build/build.js";
import { SiteError } from "./site.js";

/** The file of a device's key. @param folder where the keys are kept; `dist/keys` when not given */
export function keyFileOf(device: string, folder?: string): string {
  return path.join(folder ?? outputFolder("keys"), `${device}.key`);
}

/** The key in a file, which is made when it is not there. @throws SiteError when the file holds something else */
export function deviceKey(keyFile: string): Buffer {
  if (!existsSync(keyFile)) writeWhole(keyFile, `${randomBytes(32).toString("hex")}\n`, true);
  return existingKey(keyFile);
}

/** The key in a file. @throws SiteError when there is none */
export function existingKey(keyFile: string): Buffer {
  if (!existsSync(keyFile)) throw new SiteError(`${keyFile}: there is no such key file: give the one that was made when the terminal was flashed`);
  const digits = readFileSync(keyFile, "utf8").trim();
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    throw new SiteError(`${keyFile}: must hold 64 hexadecimal digits: use the key that was made for this device`);
  return Buffer.from(digits, "hex");
}

/** The key of a device, where it is on this computer. @param folder as in `keyFileOf` */
export function keyOf(device: string, folder?: string): Buffer | undefined {
  const file = keyFileOf(device, folder);
  return existsSync(file) ? existingKey(file) : undefined;
}
