// The keys of the devices, a file each, as `npm run build` makes them: secrets/keys/<device>.key, 64 hexadecimal digits.

import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isDeviceName } from "../config/device-name.js";
import { keyIn } from "../tools/provision/device-key.js";
import { ToolError } from "../tools/tool-error.js";
import type { DeviceKeys } from "./receiver/hall-state.js";

/**
 * @param folder with a file `<device>.key` for each device. It is read each time: somebody may put a file there, or correct one, while the receiver is at work.
 * A device whose file is not in the folder has no key. A folder that is not there, and a file that cannot be read, are errors: they tell nothing of the device
 */
export function keysIn(folder: string): DeviceKeys {
  return (device) => {
    // A name comes off the wire: it must not lead elsewhere.
    if (!isDeviceName(device)) return undefined;
    const file = path.join(folder, `${device}.key`);
    try {
      // Whatever else has that name, such as a pipe, might keep the receiver waiting for ever.
      if (!statSync(file).isFile()) throw unreadable(`${file}: cannot be read: it is no file.`, "Put the device's key file in its place.");
      return keyIn(file, readFileSync(file, "latin1"));
    } catch (error) {
      if (error instanceof ToolError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" && existsSync(folder)) return undefined;
      if (code === "ENOENT" || code === "ENOTDIR")
        throw unreadable(`${folder}: there is no such folder of keys.`, "Put the folder there, or name another with --keys.");
      if (code === "EMFILE" || code === "ENFILE") {
        throw unreadable(
          `${file}: cannot be read: too many files are open.`,
          "See who holds so many connections, or raise the limit of open files (ulimit -n).",
        );
      }
      throw unreadable(`${file}: cannot be read: ${message}.`, "Let the user who runs the receiver read it.");
    }
  };
}

function unreadable(message: string, todo: string): ToolError {
  return new ToolError("fileForbidden", message, "The receiver takes nothing from devices whose key it has not read before.", todo);
}
