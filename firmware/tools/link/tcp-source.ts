// Terminals that open a TCP connection: the line protocol of PROTOCOL.md.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { ToolError } from "../tool-error.js";
import { createLineReader, lineOf } from "./lines.js";
import type { Peer, Source, SourceListener } from "./source.js";

/** The operating system notices a dead connection after about so long, in ms. */
const KEEP_ALIVE_MS = 30_000;
/** A connection on which so many bytes wait is dead. */
const MOST_WAITING_BYTES = 1_000_000;

export interface TcpSource extends Source {
  readonly port: number;
}

/**
 * Listens for terminals.
 * @param port 0 takes any that is free
 * @throws ToolError `portUnavailable` when it cannot listen there
 */
export async function listenTcp(port: number, host: string | undefined, listener: SourceListener): Promise<TcpSource> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const peer: Peer = {
      name: `${socket.remoteAddress}:${socket.remotePort}`,
      send(text) {
        if (socket.writableLength > MOST_WAITING_BYTES) socket.destroy();
        else if (socket.writable) socket.write(lineOf(text), "latin1");
      },
    };
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    socket.on(
      "data",
      createLineReader((message, text) => listener.hear(peer, message, text)),
    );
    // A close follows every error.
    socket.on("error", () => undefined);
    socket.on("close", () => {
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
