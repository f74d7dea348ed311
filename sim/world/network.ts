// The other end of a terminal's network connections. A terminal that sends lines reaches the hall's host itself; an MQTT client reaches a broker, at which
// the host publishes and subscribes. The world gets lines from both, so that a scenario is the same on every link.

import mqtt, { type Packet } from "mqtt-packet";
import { lineOf, textOf } from "../../firmware/uplink/codec.js";
import { crc32 } from "./native.js";
import type { World } from "./world.js";

/** The terminal's end of a connection. */
export interface Connection {
  readonly onConnected: () => void;
  readonly onData: (data: string) => void;
  readonly onEnd: () => void;
}

/** The host's end of it. */
export interface Peer {
  /** The terminal has sent some bytes. */
  receive(data: string): void;
  /** The host sends a line. */
  say(line: string): void;
  /** Ends the connection. The terminal is told, as on a real board, even when it has ended the connection itself. */
  end(): void;
}

/** A broker, as one terminal sees it. It keeps running while the terminal has no power. */
export class Broker {
  /** Code of CONNACK that answers a login. */
  loginCode = 0;
  /** Clients whose session is kept. */
  readonly sessions = new Set<string>();
  /** The retained message of each topic. */
  readonly retained = new Map<string, string>();
  /** Every packet of the terminal, in order. */
  readonly received: Packet[] = [];
}

/**
 * Answers a terminal that opens a connection. Every callback comes after this call has returned.
 * @param isRunning whether the terminal still has power
 */
export function answerConnection(world: World, isRunning: () => boolean, connection: Connection): Peer {
  let isOpen = false;
  let listener: { receive(data: string): void; say(line: string): void; end(): void } | undefined;
  const later = (run: () => void): void => {
    world.clock.at(world.nowMs, () => world.interrupt(() => isRunning() && run()));
  };
  const send = (data: string): void => later(() => isOpen && connection.onData(data));
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    listener?.end();
  };
  later(() => {
    if (!world.isLinkUp) connection.onEnd();
    else {
      isOpen = true;
      connection.onConnected();
    }
  });
  return {
    receive(data) {
      if (!isOpen) return;
      // The first byte of an MQTT connection. A line begins with a brace.
      listener ??= data.charCodeAt(0) === 0x10 ? listenAsBroker(world, send) : listenToLines(world, send);
      listener.receive(data);
    },
    say: (line) => listener?.say(line),
    end() {
      const wasOpen = isOpen;
      close();
      if (wasOpen) later(connection.onEnd);
    },
  };
}

/** Makes a function that takes a terminal's bytes in chunks and passes each whole line on to the world. */
export function createLineCutter(world: World): (chunk: string) => void {
  let pending = "";
  return (chunk) => {
    const lines = (pending + chunk).split("\n");
    pending = lines.pop() as string;
    for (const line of lines) world.receiveLine(line);
  };
}

function listenToLines(world: World, send: (data: string) => void): { receive(data: string): void; say(line: string): void; end(): void } {
  return { receive: createLineCutter(world), say: (line) => send(`${line}\n`), end: () => undefined };
}

function listenAsBroker(world: World, send: (data: string) => void): { receive(data: string): void; say(line: string): void; end(): void } {
  const { broker } = world;
  const parser = mqtt.parser({ protocolVersion: 4 });
  let will: { topic: string; payload: string } | undefined;
  let subscribed: string | undefined;
  const answer = (packet: Packet): void => send(mqtt.generate(packet).toString("latin1"));
  parser.on("packet", (packet) => {
    broker.received.push(packet);
    switch (packet.cmd) {
      case "connect": {
        const sessionPresent = broker.loginCode === 0 && broker.sessions.has(packet.clientId);
        if (broker.loginCode === 0) broker.sessions.add(packet.clientId);
        will = packet.will && { topic: packet.will.topic, payload: packet.will.payload.toString() };
        return answer({ cmd: "connack", returnCode: broker.loginCode, sessionPresent });
      }
      case "subscribe":
        subscribed = packet.subscriptions[0]?.topic;
        return answer({ cmd: "suback", messageId: packet.messageId as number, granted: [0] });
      case "publish": {
        const text = packet.payload.toString("latin1");
        if (packet.retain) broker.retained.set(packet.topic, text);
        world.receiveLine(lineOf(text, crc32));
        return answer({ cmd: "puback", messageId: packet.messageId as number });
      }
      case "pingreq":
        return answer({ cmd: "pingresp" });
    }
  });
  parser.on("error", (error) => {
    throw error;
  });
  return {
    receive: (data) => void parser.parse(Buffer.from(data, "latin1")),
    say(line) {
      if (subscribed)
        answer({ cmd: "publish", topic: subscribed, payload: Buffer.from(textOf(line, crc32) ?? line, "latin1"), qos: 0, dup: false, retain: false });
    },
    end() {
      if (will) broker.retained.set(will.topic, will.payload);
    },
  };
}
