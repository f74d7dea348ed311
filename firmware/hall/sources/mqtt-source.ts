// Terminals behind an MQTT broker: a topic for each kind of message, `counter-terminal/<device>/...`.

import { createHash } from "node:crypto";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { MqttClient } from "mqtt";
import { DEVICE_NAME_WORDS, isDeviceName } from "../../config/device-name.js";
import { MOST_TEXT, messageOf } from "../../tools/link/lines.js";
import type { Peer, Source, SourceListener } from "../../tools/link/source.js";
import { usageError } from "../../tools/tool-error.js";
import { limitedStream } from "./packet-limit.js";

export const TOPIC_ROOT = "counter-terminal";
const UP_TOPIC = /^counter-terminal\/([^/]+)\/(hello|record|status|alert|answer)$/;
const RETRY_MS = 2000;
/** A broker whose connections end so often within this time, in ms, throws this client out. */
const MOST_LOSSES = 3;
const LOSSES_MS = 60_000;
/** Most topics that are kept in mind. Anybody who may write to the broker can invent names. */
const MOST_PEERS = 512;
/** A connection on which so many bytes wait is dead. */
const MOST_WAITING_BYTES = 1_000_000;

export interface MqttOptions {
  /** `mqtt://` or `mqtts://`. It may contain user name and password. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Certificates, in PEM, of authorities that sign the broker's certificate and that this computer does not know. */
  readonly ca?: string | undefined;
  /** The broker keeps messages under this name while the receiver is away. */
  readonly clientId: string;
}

/** The reasons of a broker that refuses a login, by their codes. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: "it does not speak MQTT 3.1.1",
  2: "it does not allow this client id: choose another with --mqtt-id",
  3: "it is not available now",
  4: "user name or password are wrong: put the right ones into --mqtt-user and the environment variable MQTT_PASSWORD",
  5: "this user may not log in there: have the broker's administrator allow it",
};

/** The reasons why Node does not trust a certificate, by their codes. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "is signed by nobody whom this computer knows: name the certificate of that authority with --mqtt-ca",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is signed by itself: name it with --mqtt-ca when it is the right one",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "is signed by nobody whom this computer knows: name the certificate of that authority with --mqtt-ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "is signed by nobody whom this computer knows: name the certificate of that authority with --mqtt-ca",
  CERT_HAS_EXPIRED: "has expired: have the broker's administrator renew it",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another name: use the name in it as the address, when that is the right broker",
};

/**
 * The client id of a receiver at a broker: the same each time, so that the broker keeps its messages, and another one for each receiver and each broker. Two clients
 * with one id throw each other out. It has 20 of the letters and digits that every broker takes (MQTT 3.1.1, 3.1.3.1).
 * @param receiver what tells this receiver from others
 */
export function clientIdOf(receiver: string, url: string): string {
  const { host } = addressIn(url);
  return `hall${createHash("sha256").update(`${receiver} ${host}`).digest("hex").slice(0, 16)}`;
}

/** @throws ToolError `usage` where it is no address of a broker */
function addressIn(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.hostname && /^mqtts?:$/.test(address.protocol)) return address;
  throw usageError(`${url.replace(/\/\/[^@/]*@/, "//")}: is no address of a broker.`, "Write mqtt://host, or mqtts://host for TLS.");
}

/** Connects to a broker, and again whenever the connection is lost. @throws ToolError `usage` where the URL is no address of a broker */
export function listenMqtt({ url, user, password, ca, clientId }: MqttOptions, listener: SourceListener): Source {
  const address = addressIn(url);
  const shown = url.replace(/\/\/[^@/]*@/, "//");
  const isTls = address.protocol === "mqtts:";
  const host = address.hostname.replace(/^\[|\]$/g, "");
  const port = Number(address.port || (isTls ? 8883 : 1883));
  const login = { username: user ?? decodeURIComponent(address.username), password: password ?? decodeURIComponent(address.password) };
  /** The longest silent first. */
  const peers = new Map<string, Peer>();
  const proven = new Set<string>();
  /** When connections were lost behind the login, in ms. */
  let losses: number[] = [];
  let said = "";
  /** The broker has taken the login. */
  let isIn = false;
  let isClosed = false;
  let saidName = false;

  function open(): Duplex {
    const socket = isTls
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...(ca === undefined ? {} : { ca }) })
      : connectTcp({ host, port });
    return limitedStream(socket);
  }

  const client = new MqttClient(open, {
    clientId,
    clean: false,
    protocolId: "MQTT",
    protocolVersion: 4,
    keepalive: 30,
    reconnectPeriod: RETRY_MS,
    // The receiver itself repeats a command that gets no answer.
    queueQoSZero: false,
    ...(login.username === "" ? {} : { username: login.username }),
    ...(login.password === "" ? {} : { password: login.password }),
  });

  function sayOnce(words: string): void {
    if (words !== said) listener.say(words);
    said = words;
  }

  /** Says once that somebody has a name that no terminal may have. */
  function sayName(name: string): void {
    if (saidName) return;
    saidName = true;
    const shownName = JSON.stringify(name.slice(0, 32));
    listener.say(`${shown}: ${shownName} is no name of a terminal. Give it one of ${DEVICE_NAME_WORDS} in its site file, and flash it.`);
  }

  function peerOf(device: string): Peer {
    const known = peers.get(device);
    if (known) {
      peers.delete(device);
      peers.set(device, known);
      return known;
    }
    if (peers.size >= MOST_PEERS) forget([...peers.keys()].find((each) => !proven.has(each)) ?? (peers.keys().next().value as string));
    const peer: Peer = {
      name: shown,
      device,
      isTopic: true,
      send(text) {
        if (client.stream.writableLength > MOST_WAITING_BYTES) client.stream.destroy();
        else if (client.connected) client.publish(`${TOPIC_ROOT}/${device}/command`, text, { qos: 0 });
      },
      prove: () => void proven.add(device),
    };
    peers.set(device, peer);
    return peer;
  }

  function forget(device: string): void {
    const peer = peers.get(device);
    peers.delete(device);
    proven.delete(device);
    if (peer) listener.end(peer);
  }

  /** Whether connections are lost again and again. */
  function isThrownOut(): boolean {
    losses = losses.filter((each) => performance.now() - each < LOSSES_MS);
    return losses.length >= MOST_LOSSES;
  }

  client.on("connect", () => {
    isIn = true;
    if (!isThrownOut()) sayOnce(`${shown}: connected`);
    client.subscribe(`${TOPIC_ROOT}/+/+`, { qos: 1 }, (error, _, answer) => {
      // Without an answer the connection has ended, which is told by itself.
      if (error && answer) listener.say(`${shown}: the broker does not let this user read ${TOPIC_ROOT}/#: have its administrator allow it`);
    });
  });
  client.on("message", (topic, payload, { retain }) => {
    const [, device, kind] = UP_TOPIC.exec(topic) ?? [];
    if (device === undefined || payload.length > MOST_TEXT) return;
    if (!isDeviceName(device)) return sayName(device);
    const text = payload.toString("latin1");
    const message = messageOf(text);
    // A retained hello or record is of the past. Only a retained status may still be true.
    if (!message || (retain && kind !== "status")) return;
    listener.hear(peerOf(device), message, text, retain);
  });
  client.on("error", (error) => {
    const { code } = error as { code?: unknown };
    const refusal = typeof code === "number" ? REFUSALS[code] : undefined;
    const certificate = CERTIFICATES[String(code)];
    if (certificate) sayOnce(`${shown}: the broker's certificate ${certificate}. It is tried again.`);
    else if (refusal) sayOnce(`${shown}: the broker refuses the login (${code}): ${refusal}. It is tried again.`);
    else if (code === "ECONNREFUSED") sayOnce(`${shown}: nobody answers there: is the broker running, and is this its port? It is tried again.`);
    else if (code === "ENOTFOUND") sayOnce(`${shown}: there is no host of this name: check the address. It is tried again.`);
    else sayOnce(`${shown}: ${error.message}. It is tried again.`);
  });
  client.on("close", () => {
    const isLoss = isIn && !isClosed;
    isIn = false;
    if (isLoss) losses.push(performance.now());
    if (isLoss && isThrownOut()) {
      sayOnce(
        `${shown}: the broker ends each connection soon behind the login. Most likely another client has the same client id, ${clientId}: a second receiver, or one on a copied database. End that one, or give this one another --mqtt-id. It is tried again.`,
      );
    } else if (isLoss && said.endsWith(": connected")) sayOnce(`${shown}: the connection is lost. It is opened again.`);
    for (const device of [...peers.keys()]) forget(device);
  });
  return {
    name: `mqtt ${shown}`,
    close: () => {
      isClosed = true;
      // A broker that is silent would keep it waiting for ever. What it has not had acknowledged it sends again, and that changes nothing.
      return client.endAsync(true);
    },
  };
}
