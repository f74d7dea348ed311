// A link over a TCP connection that the terminal opens, and opens again when it broke.

import type { Link } from "../../link.js";
import { createLineCutter } from "./lines.js";

/** Pause before a connection is tried again, in ms. */
export const RETRY_MS = 3000;

export function createLink(): Link {
  let socket: EspruinoSocket | undefined;
  let isStarted = false;
  return {
    start(host, listener) {
      if (isStarted) throw new Error("started already");
      isStarted = true;
      const colon = host.lastIndexOf(":");
      if (colon < 1) {
        setTimeout(() => listener.onState(false), 0);
        return;
      }
      const address = host.substr(0, colon);
      const port = parseInt(host.substr(colon + 1), 10);

      function connect(): void {
        let isOver = false;
        /** A socket may tell of its end twice, by error and by close. */
        function onEnd(): void {
          if (isOver) return;
          isOver = true;
          if (socket) {
            socket = undefined;
            listener.onState(false);
          }
          setTimeout(connect, RETRY_MS);
        }
        const opening = require("net").connect({ host: address, port }, (connected) => {
          socket = connected;
          connected.on(
            "data",
            createLineCutter((line) => listener.onLine(line)),
          );
          listener.onState(true);
        });
        opening.on("error", onEnd);
        opening.on("close", onEnd);
      }
      setTimeout(connect, 0);
    },
    send(line) {
      if (!socket) return "down";
      socket.write(line + "\n");
      return "sent";
    },
  };
}
