// The device keys, a file each, as `npm run build` makes them: dist/keys/<device>.key, 64 hexadecimal digits.

import { readFileSync } from "node:fs";
import path from "node:path";
import { ReceiveError } from "../receive-error.js";

/** @returns the key of a device, or undefined where there is none */
export type DeviceKeys = (device: string) => Buffer | undefined;

/** @param folder with a file `<device>.key` for each device. It is looked at each time: a file may be put there, or put right, while the receiver is at work. */
export function keysIn(folder: string): DeviceKeys {
  return (device) => {
    // A name comes off the wire: it must not lead elsewhere.
    if (!/^[A-Za-z0-9._-]{1,16}$/.test(device) || device.startsWith(".")) return undefined;
    const file = path.join(folder, `${device}.key`);
    let digits: string;
    try {
      digits = readFileSync(file, "latin1").trim();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw new ReceiveError(`${file}: cannot be read: ${message}. Let the user who runs the receiver read it.`);
    }
    if (!/^[0-9a-f]{64}$/i.test(digits)) throw new ReceiveError(`${file}: holds no device key: it must be 64 hexadecimal digits and nothing else`);
    return Buffer.from(digits, "hex");
  };
}
