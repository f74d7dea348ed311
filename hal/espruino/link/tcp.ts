// A link of lines over a TCP connection that the terminal opens, and opens again when it broke.

import { lineOf } from "../../../firmware/uplink/codec.js";
import type { Link, LinkListener } from "../../link.js";
import { createLineReader } from "./lines.js";

/** Pause before a connection is tried again, in ms. */
export const RETRY_MS = 3000;

export function createTcpLink(): Link {
  let host = "";
  let listener: LinkListener | undefined;
  let read: (chunk: string) => void;
  let socket: EspruinoSocket | undefined;
  let isUp = false;

  // One function of each for all connections: a closure a connection would be a ring that only the garbage collector frees.
  function connect(): void {
    const colon = host.lastIndexOf(":");
    try {
      socket = require("net").connect({ host: host.substr(0, colon), port: parseInt(host.substr(colon + 1), 10) }, onConnected);
      socket.on("data", read);
      socket.on("error", onEnd);
      socket.on("close", onEnd);
    } catch (_) {
      // A host that refuses, or has no address, is told by an error here, and there is no socket.
      setTimeout(connect, RETRY_MS);
    }
  }

  function onConnected(): void {
    isUp = true;
    // What was left of the last connection's last line is over.
    read("\n");
    (listener as LinkListener).onState(true, "");
  }

  /** A socket may tell of its end twice, by error and by close. */
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
        // It is closing: its end is told in a moment.
        return "down";
      }
      return "sent";
    },
  };
}
