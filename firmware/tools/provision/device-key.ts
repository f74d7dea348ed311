// The device keys on this computer, a file each. The host needs them to check the records of its terminals.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { DEVICE_NAME_WORDS, isDeviceName } from "../../config/device-name.js";
import { ToolError, UNTOUCHED } from "../tool-error.js";
import { secretPath, writeSecret } from "./secrets.js";

/** @throws ToolError `configInvalid` when no terminal may have this name: it would lead to another folder */
export function requireDeviceName(device: string): void {
  if (isDeviceName(device)) return;
  const message = `${JSON.stringify(device)} is no name of a terminal.`;
  throw new ToolError("configInvalid", message, UNTOUCHED, `Give it a name of ${DEVICE_NAME_WORDS} in its site file, and flash it.`);
}

/** Where the keys are kept, unless a command says otherwise. */
export function keyFolder(): string {
  return secretPath("keys");
}

/** The file of a device's key. @param folder where the keys are kept; `secrets/keys` when not given @throws ToolError as `requireDeviceName` does */
export function keyFileOf(device: string, folder?: string): string {
  requireDeviceName(device);
  return path.join(folder ?? keyFolder(), `${device}.key`);
}

/** The key in a file, which is made when it is not there. @throws ToolError `keyInvalid` when the file holds something else */
export function deviceKey(keyFile: string): Buffer {
  if (!existsSync(keyFile)) writeSecret(keyFile, `${randomBytes(32).toString("hex")}\n`);
  return existingKey(keyFile);
}

/** The key in a file. @throws ToolError `keyMissing` when there is no such file, `keyInvalid` when it holds something else */
export function existingKey(keyFile: string): Buffer {
  if (!existsSync(keyFile)) {
    throw new ToolError(
      "keyMissing",
      `${keyFile}: there is no such key file.`,
      UNTOUCHED,
      "Give the key that was made when the terminal was flashed.",
    );
  }
  return keyIn(keyFile, readFileSync(keyFile, "latin1"));
}

/** The key that a key file holds. @param file its name, for messages @throws ToolError `keyInvalid` */
export function keyIn(file: string, text: string): Buffer {
  const digits = text.trim();
  if (/^[0-9a-f]{64}$/i.test(digits)) return Buffer.from(digits, "hex");
  const todo = "Use the key that was made for this device. The file holds its 64 hexadecimal digits, and nothing else.";
  throw new ToolError("keyInvalid", `${file}: holds no device key.`, UNTOUCHED, todo);
}

/** The key of a device, where it is on this computer. @param folder as in `keyFileOf` */
export function keyOf(device: string, folder?: string): Buffer | undefined {
  const file = keyFileOf(device, folder);
  return existsSync(file) ? existingKey(file) : undefined;
}
