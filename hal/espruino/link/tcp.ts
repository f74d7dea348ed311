// A link of lines over a TCP connection. The terminal opens the connection, and opens it again when it broke.

import { lineOf } from "../../../firmware/uplink/codec.js";
import type { Link, LinkListener } from "../../link.js";
import { createLineReader, MAX_LINE_BYTES } from "./lines.js";
import type { NetSocket, OpenNet } from "./net-socket.js";

/** Time before a connection is tried again, in ms. */
export const RETRY_MS = 3000;
/**
 * Most bytes that wait to be sent: eight of the longest lines. The interpreter keeps whatever a connection does not take, and a host that reads nothing would fill its
 * memory.
 */
export const MOST_WAITING_BYTES = 8 * (MAX_LINE_BYTES + 1);

export function createTcpLink(open: OpenNet): Link {
  let host = "";
  let listener: LinkListener | undefined;
  let read: (chunk: string) => void;
  let socket: NetSocket | undefined;
  let isUp = false;
  let waitingBytes = 0;
  let isBusy = false;

  // These functions serve all connections. A closure for each connection would be a ring that only the garbage collector frees.
  function connect(): void {
    const colon = host.lastIndexOf(":");
    try {
      socket = open(host.substr(0, colon), parseInt(host.substr(colon + 1), 10), false, onConnected);
      socket.on("data", read);
      socket.on("drain", onDrain);
      socket.on("error", onEnd);
      socket.on("close", onEnd);
    } catch (_) {
      // This error tells of a host that refuses or has no address. There is no socket then.
      setTimeout(connect, RETRY_MS);
    }
  }

  function onConnected(): void {
    isUp = true;
    waitingBytes = 0;
    isBusy = false;
    // Ends an unfinished line of the last connection.
    read("\n");
    (listener as LinkListener).onState(true, "");
  }

  /** The host has taken everything. */
  function onDrain(): void {
    waitingBytes = 0;
    if (!isBusy) return;
    isBusy = false;
    (listener as LinkListener).onReady();
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
      const line = lineOf(text, E.CRC32) + "\n";
      if (waitingBytes + line.length > MOST_WAITING_BYTES) {
        isBusy = true;
        return "busy";
      }
      waitingBytes += line.length;
      try {
        socket.write(line);
      } catch (_) {
        // The socket is closing, and reports its end in a moment.
        return "down";
      }
      return "sent";
    },
  };
}
