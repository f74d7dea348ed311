// Makes the packets of MQTT 3.1.1 (OASIS Standard, 29 October 2014) that a terminal sends, and cuts received bytes into packets. All packets are byte strings.

/** First bytes of packets: the type in the upper half, the flags in the lower. */
export const CONNACK = 0x20;
export const PUBLISH = 0x30;
export const PUBACK = 0x40;
export const SUBACK = 0x90;
export const PINGREQ = "\xc0\0";
export const PINGRESP = 0xd0;
/** Flags of a PUBLISH packet. */
export const DUP = 8;
export const QOS_1 = 2;
export const RETAIN = 1;

/** A number from 0 to 65535 as two bytes. */
export function twoBytes(value: number): string {
  return String.fromCharCode(value >> 8, value & 255);
}

/** The number in the two bytes at an offset. */
export function numberAt(bytes: string, at: number): number {
  return bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1);
}

/** A text behind its length. @param text up to 65535 bytes */
export function field(text: string): string {
  return twoBytes(text.length) + text;
}

/** A packet of any type. @param first type and flags @param body up to 16383 bytes */
export function packet(first: number, body: string): string {
  const length = body.length;
  return (length < 128 ? String.fromCharCode(first, length) : String.fromCharCode(first, (length & 127) | 128, length >> 7)) + body;
}

/**
 * CONNECT with a persistent session, and a retained last will of QoS 1.
 * @param user if it is empty, no user and no password are sent
 */
export function connectPacket(client: string, user: string, password: string, willTopic: string, will: string, keepAliveS: number): string {
  const flags = user ? 0xec : 0x2c;
  const login = user ? field(user) + field(password) : "";
  return packet(0x10, field("MQTT") + String.fromCharCode(4, flags) + twoBytes(keepAliveS) + field(client) + field(willTopic) + field(will) + login);
}

/** SUBSCRIBE to one topic with QoS 0. */
export function subscribePacket(id: number, topic: string): string {
  return packet(0x82, twoBytes(id) + field(topic) + "\0");
}

/**
 * The length of the first packet in some bytes.
 * @returns the length of its fixed header, plus 8 times the length of the rest; 0 where the header is not whole yet; -1 where it is no header
 */
export function lengthOf(bytes: string): number {
  let bodyBytes = 0;
  for (let at = 1; at < 5; at++) {
    if (at >= bytes.length) return 0;
    const byte = bytes.charCodeAt(at);
    bodyBytes += (byte & 127) << (7 * (at - 1));
    if (byte < 128) return bodyBytes * 8 + at + 1;
  }
  return -1;
}
