// The keys of the devices, a file each, as `npm run build` makes them: secrets/keys/<device>.key, 64 hexadecimal digits.

import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeviceName } from "../config/device-name.js";
import { keyIn } from "../tools/provision/device-key.js";
import { ToolError } from "../tools/tool-error.js";
import type { DeviceKeys } from "./receiver/hall-state.js";

/** @param folder with a file `<device>.key` for each device. It is read each time: somebody may put a file there, or correct one, while the receiver is at work */
export function keysIn(folder: string): DeviceKeys {
  return (device) => {
    // A name comes off the wire: it must not lead elsewhere.
    if (!isDeviceName(device)) return undefined;
    const file = path.join(folder, `${device}.key`);
    try {
      return keyIn(file, readFileSync(file, "latin1"));
    } catch (error) {
      if (error instanceof ToolError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      const state = "The receiver takes nothing from this device meanwhile.";
      throw new ToolError("fileForbidden", `${file}: cannot be read: ${message}.`, state, "Let the user who runs the receiver read it.");
    }
  };
}
