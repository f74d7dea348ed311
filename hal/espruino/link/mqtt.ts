// A link to an MQTT 3.1.1 broker. Each message is a PUBLISH packet of QoS 1 on the topic of its kind, and messages on the topic `command` are received.
// Espruino's own module takes a refused login for an accepted one, never repeats a message, and has neither last will nor packet ids.

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
import type { NetSocket, OpenNet } from "./net-socket.js";

/** The broker drops a client that has sent nothing for one and a half times as long. */
export const KEEP_ALIVE_S = 30;
/** Time between two pings, and for the answer to one. */
export const PING_MS = 20000;
/** Time for making, accepting and subscribing a connection. */
export const OPEN_MS = 20000;
/** Time before a connection is tried again. It doubles from the first to the last, and each is at random up to a half shorter or longer. */
export const FIRST_RETRY_MS = 1000;
export const LAST_RETRY_MS = 60000;
/** Most records under way without a PUBACK, and most messages of all kinds. */
export const RECORDS_IN_FLIGHT = 4;
const IN_FLIGHT = 8;
/** The message that the broker publishes when the connection is lost. */
const WILL = '{"status":{"online":false}}';
/** Packet id of the subscription. No message uses it. */
const SUBSCRIPTION_ID = 65535;
/** The error of `MqttPlatform.open` on a board with too little memory for TLS. */
export const NO_MEMORY = "no memory for TLS";
/**
 * A connection on which more bytes wait to be sent is dead. All messages under way, and a hello, are fewer. The interpreter keeps whatever a broker does not take, so one
 * that sends and reads nothing would fill its memory.
 */
export const MOST_WAITING_BYTES = 8192;
/** Most bytes of topic and packet id in front of a message. */
const HEAD_BYTES = 64;

/** The parts of a board, or of a simulated one, that the client uses. */
export interface MqttPlatform {
  /** @throws also `NO_MEMORY` */
  readonly open: OpenNet;
  later(run: () => void, ms: number): unknown;
  cancel(timer: unknown): void;
  random32(): number;
}

interface InFlight {
  readonly id: number;
  readonly packet: string;
  /** Whether a newer message replaces it when the connection comes back. */
  readonly isPassing: boolean;
}

export function createMqttLink(platform: MqttPlatform): Link {
  let listener: LinkListener | undefined;
  let config: LinkConfig;
  let topics = "";
  let socket: NetSocket | undefined;
  let timer: unknown;
  let waitingBytes = 0;
  let isUp = false;
  let isAccepted = false;
  let retryMs = FIRST_RETRY_MS;
  /** The bytes of an unfinished packet, and the number of bytes still to come of a packet that is too long. */
  let pending = "";
  let toSkip = 0;
  let lastId = 0;
  let inFlight: InFlight[] = [];
  let isBusy = false;
  /** Whether the broker owes an answer to a ping, and the id of the oldest message in flight when the ping was sent, or 0. */
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
        // In quotes, or the build would change the name.
        old["clsNow"] = true;
        old.end();
      }
    } catch (_) {
      // The socket is closed already.
    }
  }

  function onDrain(): void {
    waitingBytes = 0;
  }

  function write(bytes: string): void {
    if (!socket) return;
    waitingBytes += bytes.length;
    if (waitingBytes > MOST_WAITING_BYTES) {
      drop("");
      return;
    }
    try {
      socket.write(bytes);
    } catch (_) {
      drop("");
    }
  }

  // These functions serve all connections. A closure for each connection would be a ring that only the garbage collector frees.
  function connect(): void {
    timer = undefined;
    pending = "";
    toSkip = 0;
    isAccepted = false;
    isPinging = false;
    waitingBytes = 0;
    setTimer(onSilence, OPEN_MS);
    const host = config.host;
    const colon = host.lastIndexOf(":");
    try {
      socket = platform.open(host.substring(placeOfAddress(), colon), parseInt(host.substr(colon + 1), 10), host.charAt(4) === "s", onConnected);
      socket.on("data", take);
      socket.on("drain", onDrain);
      socket.on("error", onEnd);
      socket.on("close", onEnd);
    } catch (error) {
      // This error tells of a broker that refuses or has no address. There is no socket then.
      drop(error === NO_MEMORY ? NO_MEMORY : "");
    }
  }

  function onConnected(): void {
    const login = config.host.substring(config.host.indexOf("//") + 2, placeOfAddress() - 1);
    const colon = login.indexOf(":");
    const user = colon < 0 ? "" : login.substr(0, colon);
    write(connectPacket("counter-terminal-" + config.device, user, login.substr(colon + 1), topics + "status", WILL, KEEP_ALIVE_S));
  }

  /** The offset of the address in `mqtt://user:password@address:port`. */
  function placeOfAddress(): number {
    const host = config.host;
    return (host.indexOf("@") < 0 ? host.indexOf("//") + 1 : host.lastIndexOf("@")) + 1;
  }

  /** A socket may report its end twice, by error and by close. */
  function onEnd(): void {
    if (socket) drop("");
  }

  /** The time for the broker's next answer is over. */
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

  /** Takes bytes as they come, and handles every whole packet. */
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
      // The head of a message that is too long is enough. The message is acknowledged, or the broker would repeat it.
      if (pending.length < from + (isLong ? HEAD_BYTES : bodyBytes)) return;
      const body = pending.substr(from, bodyBytes);
      toSkip = Math.max(from + bodyBytes - pending.length, 0);
      pending = pending.substr(from + bodyBytes);
      if (!hear(first, body, isLong)) drop("");
    }
  }

  /** Handles one packet. @returns false where a broker may not send such a packet now */
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
    // Messages without a PUBACK are repeated in order, before any new one. DUP is right only if the broker has kept the session.
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
    // A broker may not send QoS 2 to this subscription, nor repeat a message of QoS 0.
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
      // There is always room for a hello, which is sent rarely, and comes before everything else.
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
