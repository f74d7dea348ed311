// A broker of MQTT 3.1.1 (OASIS Standard, 29 October 2014) as far as a receiver notices: it takes logins and subscriptions, hands messages on to every subscriber, and throws
// out the older of two clients with one id. Terminals are plugged to it without a connection of their own.

import type { Socket } from "node:net";
import type { Hall } from "./attacked-hall.js";
import type { Message, Terminal } from "./honest-terminal.js";

const [CONNECT, PUBLISH, SUBSCRIBE, PINGREQ] = [1, 3, 8, 12];

/** A field with its length before it. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value, "latin1")]);
}

/** A message without an acknowledgement. */
export function publishPacket(topic: string, payload: string): Buffer {
  const body = Buffer.concat([text(topic), Buffer.from(payload, "latin1")]);
  return Buffer.concat([Buffer.from([PUBLISH << 4, 128 | (body.length & 127), body.length >> 7]), body]);
}

/** The first packet in some bytes, and where the next one begins; undefined: it is not whole. */
function packetIn(bytes: Buffer): { readonly kind: number; readonly body: Buffer; readonly end: number } | undefined {
  let length = 0;
  for (let i = 1; i < Math.min(bytes.length, 5); i++) {
    const byte = bytes[i] as number;
    length += (byte & 127) * 128 ** (i - 1);
    if (byte >= 128) continue;
    const end = i + 1 + length;
    return bytes.length < end ? undefined : { kind: (bytes[0] as number) >> 4, body: bytes.subarray(i + 1, end), end };
  }
  return undefined;
}

export class Broker {
  /** The client ids of all logins, in order. */
  readonly logins: string[] = [];
  /** Every payload that went through, as anybody can read it who may subscribe to all topics. */
  readonly read: string[] = [];
  private readonly clients = new Map<string, Socket>();
  private readonly subscribers = new Set<Socket>();
  private readonly terminals = new Set<Terminal>();

  /** @returns a port of it: it may have several, as a cluster has */
  listen(hall: Hall): Promise<number> {
    return hall.serve((socket) => this.meet(socket));
  }

  /** Plugs a terminal to its topics, which all boards of its name share. @param name of other topics that it uses */
  plug(terminal: Terminal, name = terminal.device): void {
    this.terminals.add(terminal);
    terminal.plug((payload) => {
      const [kind = "answer"] = ["hello", "status", "alert", "record", "lost"].filter((each) => each in (JSON.parse(payload) as Message));
      this.read.push(payload);
      for (const socket of this.subscribers) socket.write(publishPacket(`counter-terminal/${name}/${kind.replace("lost", "record")}`, payload));
    });
  }

  private meet(socket: Socket): void {
    let pending: Buffer = Buffer.alloc(0);
    let id = "";
    socket.on("close", () => {
      this.subscribers.delete(socket);
      if (this.clients.get(id) === socket) this.clients.delete(id);
    });
    socket.on("data", (data: Buffer) => {
      pending = Buffer.concat([pending, data]);
      for (let packet = packetIn(pending); packet; packet = packetIn(pending)) {
        const { kind, body, end } = packet;
        pending = pending.subarray(end);
        if (kind === CONNECT) {
          id = body.subarray(12, 12 + body.readUInt16BE(10)).toString("latin1");
          this.logins.push(id);
          this.clients.get(id)?.destroy();
          this.clients.set(id, socket);
          socket.write(Buffer.from([0x20, 2, 0, 0]));
        } else if (kind === SUBSCRIBE) {
          socket.write(Buffer.from([0x90, 3, body[0] as number, body[1] as number, 0]));
          this.subscribers.add(socket);
          for (const terminal of this.terminals) terminal.greet();
        } else if (kind === PINGREQ) socket.write(Buffer.from([0xd0, 0]));
        else if (kind === PUBLISH) this.pass(body);
      }
    });
  }

  private pass(body: Buffer): void {
    const end = 2 + body.readUInt16BE(0);
    const [, device] = body.subarray(2, end).toString("latin1").split("/");
    this.read.push(body.subarray(end).toString("latin1"));
    for (const terminal of this.terminals) if (terminal.device === device && terminal.isPlugged) terminal.hear(body.subarray(end).toString("latin1"));
  }
}
