// A link of lines over a TCP connection. The terminal opens the connection, and opens it again when it broke.

import { lineOf } from "../../../firmware/uplink/codec.js";
import type { Link, LinkListener } from "../../link.js";
import { createLineReader } from "./lines.js";

/** Time before a connection is tried again, in ms. */
export const RETRY_MS = 3000;

export function createTcpLink(): Link {
  let host = "";
  let listener: LinkListener | undefined;
  let read: (chunk: string) => void;
  let socket: EspruinoSocket | undefined;
  let isUp = false;

  // These functions serve all connections. A closure for each connection would be a ring that only the garbage collector frees.
  function connect(): void {
    const colon = host.lastIndexOf(":");
    try {
      socket = require("net").connect({ host: host.substr(0, colon), port: parseInt(host.substr(colon + 1), 10) }, onConnected);
      socket.on("data", read);
      socket.on("error", onEnd);
      socket.on("close", onEnd);
    } catch (_) {
      // This error tells of a host that refuses or has no address. There is no socket then.
      setTimeout(connect, RETRY_MS);
    }
  }

  function onConnected(): void {
    isUp = true;
    // Ends an unfinished line of the last connection.
    read("\n");
    (listener as LinkListener).onState(true, "");
  }

  /** A socket may report its end twice, by error and by close. */
  function onEnd(): void {
    if (!socket) return;
    socket.removeAllListeners();
    socket = undefined;
    setTimeout(connect, RETRY_MS);
    if (!isUp) return;
    isUp = false;
    (listener as LinkListener).onState(false, "");
  }

  return {
    start(config, given) {
      host = config.host;
      listener = given;
      read = createLineReader(given.onMessage, E.CRC32);
      setTimeout(connect, 0);
    },
    send(_kind, text) {
      if (!isUp || !socket) return "down";
      try {
        socket.write(lineOf(text, E.CRC32) + "\n");
      } catch (_) {
        // The socket is closing, and reports its end in a moment.
        return "down";
      }
      return "sent";
    },
  };
}
