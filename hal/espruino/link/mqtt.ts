// A link to an MQTT 3.1.1 broker: each message is a PUBLISH packet of QoS 1 on the topic of its kind, and what comes on the topic `command` is heard.
// Espruino's own module takes a refused login for an accepted one, never sends again, and has neither last will nor packet ids.

import { type Link, type LinkConfig, type LinkListener, MAX_MESSAGE_BYTES } from "../../link.js";
import {
  CONNACK,
  connectPacket,
  DUP,
  field,
  lengthOf,
  numberAt,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBLISH,
  packet,
  QOS_1,
  RETAIN,
  SUBACK,
  subscribePacket,
  twoBytes,
} from "./mqtt-packets.js";

/** Without anything from us for one and a half times as long the broker takes us for dead. */
export const KEEP_ALIVE_S = 30;
/** How often the broker has to show that it is there. */
export const PING_MS = 20000;
/** A connection has to be made, accepted and subscribed within this. */
export const OPEN_MS = 20000;
/** Pause before a connection is tried again: it doubles from the first to the last, and each is up to a half shorter or longer. */
export const FIRST_RETRY_MS = 1000;
export const LAST_RETRY_MS = 60000;
/** Messages that may be under way without a PUBACK: records, and with other messages. */
export const RECORDS_IN_FLIGHT = 4;
const IN_FLIGHT = 8;
/** What the broker tells the others when the connection is lost. */
const WILL = '{"status":{"online":false}}';
/** Packet id of the subscription, which messages leave out. */
const SUBSCRIPTION_ID = 65535;
/** What `MqttPlatform.open` throws where the board has too little memory for TLS. */
export const NO_MEMORY = "no memory for TLS";
/** Longest topic and packet id in front of a message. */
const HEAD_BYTES = 64;

/** A connection, as Espruino's `net` and Node's have it. */
export interface MqttSocket {
  on(event: "data", callback: (data: string) => void): void;
  on(event: "close" | "error", callback: () => void): void;
  removeAllListeners(): unknown;
  write(data: string): unknown;
  end(): unknown;
}

/** What the client needs of a board, or of a simulated one. */
export interface MqttPlatform {
  /** Opens a connection; `onConnected` comes later. @throws where it fails at once: `NO_MEMORY`, or what the system says */
  open(address: string, port: number, isSecure: boolean, onConnected: () => void): MqttSocket;
  later(run: () => void, ms: number): unknown;
  cancel(timer: unknown): void;
  random32(): number;
}

interface InFlight {
  readonly id: number;
  readonly packet: string;
  /** A newer one takes its place when the connection comes back. */
  readonly isPassing: boolean;
}

export function createMqttLink(platform: MqttPlatform): Link {
  let listener: LinkListener | undefined;
  let config: LinkConfig;
  let topics = "";
  let socket: MqttSocket | undefined;
  let timer: unknown;
  let isUp = false;
  let isAccepted = false;
  let retryMs = FIRST_RETRY_MS;
  /** Bytes of a packet that is not whole yet, and how many of one that is too long are still to come. */
  let pending = "";
  let toSkip = 0;
  let lastId = 0;
  let inFlight: InFlight[] = [];
  let isBusy = false;
  /** The broker owes an answer to a ping, and the message that was the oldest in flight at that time. */
  let isPinging = false;
  let oldestId = 0;

  function setTimer(run: () => void, ms: number): void {
    if (timer) platform.cancel(timer);
    timer = platform.later(run, ms);
  }

  /** Closes the connection, if there is one, and tries again later. */
  function drop(why: string): void {
    const old = socket;
    socket = undefined;
    if (why) retryMs = LAST_RETRY_MS;
    setTimer(connect, retryMs / 2 + (retryMs * platform.random32()) / 4294967296);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    if (isUp || why) {
      isUp = false;
      (listener as LinkListener).onState(false, why);
    }
    try {
      if (old) {
        old.removeAllListeners();
        old.end();
      }
    } catch (_) {
      // It is closed already.
    }
  }

  function write(bytes: string): void {
    try {
      if (socket) socket.write(bytes);
    } catch (_) {
      drop("");
    }
  }

  // One function of each for all connections: a closure a connection would be a ring that only the garbage collector frees.
  function connect(): void {
    timer = undefined;
    pending = "";
    toSkip = 0;
    isAccepted = false;
    isPinging = false;
    setTimer(onSilence, OPEN_MS);
    const host = config.host;
    const colon = host.lastIndexOf(":");
    try {
      socket = platform.open(host.substring(placeOfAddress(), colon), parseInt(host.substr(colon + 1), 10), host.charAt(4) === "s", onConnected);
      socket.on("data", take);
      socket.on("error", onEnd);
      socket.on("close", onEnd);
    } catch (error) {
      // A broker that refuses, or has no address, is told by an error here, and there is no socket.
      drop(error === NO_MEMORY ? NO_MEMORY : "");
    }
  }

  function onConnected(): void {
    const login = config.host.substring(config.host.indexOf("//") + 2, placeOfAddress() - 1);
    const colon = login.indexOf(":");
    const user = colon < 0 ? "" : login.substr(0, colon);
    write(connectPacket("counter-terminal-" + config.device, user, login.substr(colon + 1), topics + "status", WILL, KEEP_ALIVE_S));
  }

  /** Where the address begins in `mqtt://user:password@address:port`. */
  function placeOfAddress(): number {
    const host = config.host;
    return (host.indexOf("@") < 0 ? host.indexOf("//") + 1 : host.lastIndexOf("@")) + 1;
  }

  /** A socket may tell of its end twice, by error and by close. */
  function onEnd(): void {
    if (socket) drop("");
  }

  /** Nothing has come for as long as it may take. */
  function onSilence(): void {
    timer = undefined;
    const oldest = inFlight.length ? (inFlight[0] as InFlight).id : 0;
    if (!isUp || isPinging || (oldest && oldest === oldestId)) {
      drop("");
      return;
    }
    oldestId = oldest;
    isPinging = true;
    setTimer(onSilence, PING_MS);
    write(PINGREQ);
  }

  /** Takes bytes as they come, and deals with every packet that is whole. */
  function take(chunk: string): void {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    pending += chunk.substr(skipped);
    const mine = socket;
    while (socket === mine && pending) {
      const length = lengthOf(pending);
      if (!length) return;
      const from = length & 7;
      const bodyBytes = length >> 3;
      const first = pending.charCodeAt(0);
      const isLong = bodyBytes > MAX_MESSAGE_BYTES + HEAD_BYTES;
      if (length < 0 || (isLong && first >> 4 !== 3)) {
        drop("");
        return;
      }
      // Of a message that is too long the head is enough: it is acknowledged, or it would come again.
      if (pending.length < from + (isLong ? HEAD_BYTES : bodyBytes)) return;
      const body = pending.substr(from, bodyBytes);
      toSkip = Math.max(from + bodyBytes - pending.length, 0);
      pending = pending.substr(from + bodyBytes);
      if (!hear(first, body, isLong)) drop("");
    }
  }

  /** Deals with one packet. @returns false when it is none that a broker may send now */
  function hear(first: number, body: string, isLong: boolean): boolean {
    const type = first & 0xf0;
    if (type === PUBLISH) return isAccepted && hearMessage(first, body, isLong);
    if (first === CONNACK) return !isAccepted && body.length === 2 && hearConnack(body.charCodeAt(0), body.charCodeAt(1));
    if (!isAccepted) return false;
    if (first === PUBACK) return body.length === 2 && hearPuback(numberAt(body, 0));
    if (first === SUBACK) return body.length === 3 && numberAt(body, 0) === SUBSCRIPTION_ID && hearSuback(body.charCodeAt(2));
    isPinging = false;
    return first === PINGRESP && !body;
  }

  function hearConnack(flags: number, code: number): boolean {
    if (flags > 1 || code > 5) return false;
    if (code) {
      drop("login refused " + code);
      return true;
    }
    isAccepted = true;
    // What the broker may not have had goes again, in order, before anything new; it knows of it only where it has kept the session.
    inFlight = inFlight.filter((each) => !each.isPassing);
    write(subscribePacket(SUBSCRIPTION_ID, topics + "command"));
    for (let i = 0; i < inFlight.length; i++) {
      const bytes = (inFlight[i] as InFlight).packet;
      write(flags ? String.fromCharCode(bytes.charCodeAt(0) | DUP) + bytes.substr(1) : bytes);
    }
    return true;
  }

  function hearSuback(code: number): boolean {
    if (isUp) return false;
    if (code > 2) {
      drop("subscription refused");
      return true;
    }
    isUp = true;
    isPinging = false;
    oldestId = 0;
    retryMs = FIRST_RETRY_MS;
    setTimer(onSilence, PING_MS);
    (listener as LinkListener).onState(true, "");
    return true;
  }

  function hearPuback(id: number): boolean {
    inFlight = inFlight.filter((each) => each.id !== id);
    if (isBusy && isUp && inFlight.length < RECORDS_IN_FLIGHT) {
      isBusy = false;
      (listener as LinkListener).onReady();
    }
    return true;
  }

  function hearMessage(first: number, body: string, isLong: boolean): boolean {
    const qos = first & 6;
    const topicBytes = body.length > 1 ? numberAt(body, 0) : 0;
    const start = topicBytes + (qos ? 4 : 2);
    // Nobody was asked for QoS 2, and of QoS 0 nothing comes again.
    if (qos > QOS_1 || (!qos && first & DUP) || !topicBytes || start > Math.min(body.length, HEAD_BYTES)) return false;
    if (qos) {
      const id = body.substr(topicBytes + 2, 2);
      if (id === "\0\0") return false;
      write(packet(PUBACK, id));
    }
    if (!isLong && socket && body.substr(2, topicBytes) === topics + "command") (listener as LinkListener).onMessage(body.substr(start));
    return true;
  }

  return {
    start(given, givenListener) {
      config = given;
      listener = givenListener;
      topics = "counter-terminal/" + config.device + "/";
      setTimer(connect, 0);
    },
    send(kind, text) {
      if (!isUp) return "down";
      // There is always room for a hello: it is sent seldom, and everything begins with it.
      if (kind !== "hello" && inFlight.length >= (kind === "record" ? RECORDS_IN_FLIGHT : IN_FLIGHT)) {
        isBusy = true;
        return "busy";
      }
      lastId = (lastId % (SUBSCRIPTION_ID - 1)) + 1;
      const isStatus = kind === "status";
      const bytes = packet(PUBLISH + QOS_1 + (isStatus ? RETAIN : 0), field(topics + kind) + twoBytes(lastId) + text);
      inFlight.push({ id: lastId, packet: bytes, isPassing: isStatus || kind === "hello" });
      write(bytes);
      return socket ? "sent" : "down";
    },
  };
}
