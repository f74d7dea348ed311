// Terminals that open a TCP connection: the line protocol of PROTOCOL.md.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { ToolError } from "../tool-error.js";
import { type ConnectionLimits, createDoor, DEFAULT_LIMITS, type Guest } from "./connection-limits.js";
import { createLineReader, lineOf } from "./lines.js";
import type { Peer, Source, SourceListener } from "./source.js";

/** The operating system notices a dead connection after about so long, in ms. */
const KEEP_ALIVE_MS = 30_000;
/** A connection on which so many bytes wait is dead. */
const MOST_WAITING_BYTES = 1_000_000;
/** People are told at most so often that there is no room, in ms. */
const FULL_EVERY_MS = 3_600_000;

export interface TcpSource extends Source {
  readonly port: number;
}

/**
 * Listens for terminals.
 * @param port 0 takes any that is free
 * @param limits of the connections that it holds. Only the listener knows who is proven: one that proves nobody gives `strangerMs` time enough
 * @throws ToolError `portUnavailable` when it cannot listen there
 */
export async function listenTcp(
  port: number,
  host: string | undefined,
  listener: SourceListener,
  { strangerMs, silentMs, ...most }: ConnectionLimits = DEFAULT_LIMITS,
): Promise<TcpSource> {
  const sockets = new Set<Socket>();
  const door = createDoor(most);
  let toldAtMs = Number.NEGATIVE_INFINITY;

  /** Terminals throw each other out: people are told once an hour. */
  function tellFull(): void {
    const nowMs = performance.now();
    if (nowMs < toldAtMs + FULL_EVERY_MS) return;
    toldAtMs = nowMs;
    listener.say(
      `tcp port ${port}: all ${most.inAll} connections are taken by terminals, and one was ended for a newcomer. Allow more: --connections.`,
    );
  }

  const server = createServer((socket) => {
    // Whoever has gone already has no address any more.
    const { remoteAddress = "" } = socket;
    const drop = (): void => void socket.destroy();
    const guest: Guest = {
      address: remoteAddress,
      drop(isProven) {
        if (isProven) tellFull();
        drop();
      },
    };
    const stranger = setTimeout(drop, strangerMs);
    socket.on("timeout", drop);
    const peer: Peer = {
      name: `${remoteAddress}:${socket.remotePort}`,
      send(text) {
        if (socket.writableLength > MOST_WAITING_BYTES) socket.destroy();
        else if (socket.writable) socket.write(lineOf(text), "latin1");
      },
      prove() {
        clearTimeout(stranger);
        door.prove(guest);
        socket.setTimeout(silentMs);
      },
      close: drop,
    };
    sockets.add(socket);
    door.enter(guest);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    const read = createLineReader((message, text) => listener.hear(peer, message, text));
    socket.on("data", (chunk) => {
      door.touch(guest);
      read(chunk);
    });
    // A close follows every error.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(stranger);
      door.leave(guest);
      sockets.delete(socket);
      listener.end(peer);
    });
    listener.meet?.(peer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    name: `tcp ${address.address}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function cannotListen({ code, message }: NodeJS.ErrnoException, port: number): ToolError {
  const [why, todo] =
    code === "EADDRINUSE"
      ? ["another program listens there already", "End that program, or take another port."]
      : code === "EACCES"
        ? ["this user may not listen there", "Take a port above 1023."]
        : [message, "Take another port."];
  return new ToolError("portUnavailable", `Nobody can connect to port ${port}: ${why}.`, "No terminal can connect.", todo);
}
