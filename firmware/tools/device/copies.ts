// Copies of a device's files on this computer: dist/devices/<device>/.

import path from "node:path";
import { outputFolder, writeWhole } from "../build/build.js";
import { requireDeviceName } from "../provision/device-key.js";

/** Keeps bytes of a device, readable by this user alone. @returns the file */
export function keepCopy(deviceName: string, name: string, bytes: Buffer): string {
  const file = copyPath(deviceName, name);
  writeWhole(file, bytes, true);
  return file;
}

/** A file of a device that was kept here. @returns its path, whether or not it exists @throws ToolError as `requireDeviceName` does */
export function copyPath(deviceName: string, name: string): string {
  requireDeviceName(deviceName);
  return path.join(outputFolder("devices"), deviceName, name);
}
