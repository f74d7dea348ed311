// Terminals behind an MQTT broker: a topic for each kind of message, `counter-terminal/<device>/...`.

import mqtt, { type MqttClient } from "mqtt";
import { DEVICE_NAME_WORDS, isDeviceName } from "../../config/device-name.js";
import { messageOf } from "../../tools/link/lines.js";
import type { Peer, Source, SourceListener } from "../../tools/link/source.js";

export const TOPIC_ROOT = "counter-terminal";
const UP_TOPIC = /^counter-terminal\/([^/]+)\/(hello|record|status|alert|answer)$/;
const RETRY_MS = 2000;

export interface MqttOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. It may contain user name and password. */
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

/** Connects to a broker, and again whenever the connection is lost. */
export function listenMqtt({ url, user, password, ca, clientId }: MqttOptions, listener: SourceListener): Source {
  const shown = url.replace(/\/\/[^@/]*@/, "//");
  const peers = new Map<string, Peer>();
  let said = "";
  let isClosed = false;
  let saidName = false;
  const client: MqttClient = mqtt.connect(url, {
    clientId,
    clean: false,
    protocolVersion: 4,
    keepalive: 30,
    reconnectPeriod: RETRY_MS,
    // The receiver itself repeats a command that gets no answer.
    queueQoSZero: false,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
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
    let peer = peers.get(device);
    if (!peer) {
      peer = {
        name: shown,
        device,
        send(text) {
          if (client.connected) client.publish(`${TOPIC_ROOT}/${device}/command`, text, { qos: 0 });
        },
      };
      peers.set(device, peer);
    }
    return peer;
  }

  client.on("connect", () => {
    sayOnce(`${shown}: connected`);
    client.subscribe(`${TOPIC_ROOT}/+/+`, { qos: 1 }, (error) => {
      if (error) listener.say(`${shown}: the broker does not let this user read ${TOPIC_ROOT}/#: have its administrator allow it`);
    });
  });
  client.on("message", (topic, payload, { retain }) => {
    const [, device, kind] = UP_TOPIC.exec(topic) ?? [];
    if (device === undefined) return;
    if (!isDeviceName(device)) return sayName(device);
    const text = payload.toString("latin1");
    const message = messageOf(text);
    // A retained hello or record is of the past. Only a retained status is still true.
    if (!message || (retain && kind !== "status")) return;
    listener.hear(peerOf(device), message, text);
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
    if (!isClosed && said.endsWith(": connected")) sayOnce(`${shown}: the connection is lost. It is opened again.`);
    for (const peer of peers.values()) listener.end(peer);
    peers.clear();
  });
  return {
    name: `mqtt ${shown}`,
    close: () => {
      isClosed = true;
      return client.endAsync(false);
    },
  };
}
