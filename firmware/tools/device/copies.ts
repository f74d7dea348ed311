// Copies of a device's files on this computer: secrets/devices/<device>/.

import { requireDeviceName } from "../provision/device-key.js";
import { secretPath, writeSecret } from "../provision/secrets.js";

/** Keeps bytes of a device, readable by this user alone. @returns the file */
export function keepCopy(deviceName: string, name: string, bytes: Buffer): string {
  const file = copyPath(deviceName, name);
  writeSecret(file, bytes);
  return file;
}

/** A file of a device that was kept here. @returns its path, whether or not it exists @throws ToolError as `requireDeviceName` does */
export function copyPath(deviceName: string, name: string): string {
  requireDeviceName(deviceName);
  return secretPath("devices", deviceName, name);
}
