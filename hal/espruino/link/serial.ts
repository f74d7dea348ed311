// A link over a serial port. The cable has no carrier signal, so it counts as up from the start.

import { lineOf } from "../../../firmware/uplink/codec.js";
import type { Link } from "../../link.js";
import { part, startOnce } from "../part.js";
import { createLineReader } from "./lines.js";

export interface SerialWiring {
  readonly port: string;
  /** Two pins, or the device file of the operating system. */
  readonly tx?: string;
  readonly rx?: string;
  readonly path?: string;
  readonly baudHz: number;
  readonly isConsole: boolean;
}

export function createLink(wiring: SerialWiring): Link {
  const port = part<EspruinoSerial>(wiring.port);
  let isStarted = false;
  let isUp = false;
  return {
    start(_config, listener) {
      isStarted = startOnce(isStarted);
      // Without `force`, USB would bring the console back.
      if (wiring.isConsole) E.setConsole(null, { force: true });
      const read = createLineReader(listener.onMessage, E.CRC32);
      try {
        port.setup(wiring.baudHz, wiring.path ? { path: wiring.path } : { tx: part(wiring.tx as string), rx: part(wiring.rx as string) });
        port.on("data", read);
        isUp = true;
      } catch (_) {
        // There is no such port, or the operating system keeps it.
      }
      setTimeout(() => listener.onState(isUp, isUp ? "" : "no port"), 0);
    },
    send(_kind, text) {
      try {
        if (!isUp) return "down";
        port.write(lineOf(text, E.CRC32) + "\n");
        return "sent";
      } catch (_) {
        return "down";
      }
    },
  };
}
