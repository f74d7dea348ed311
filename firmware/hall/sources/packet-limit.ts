// Bounds the packets of a broker before anything reads them whole: a message of 130 MB would be put together in memory first. The payload of a PUBLISH that is too
// long is left out on the way, so that the client acknowledges the packet, and the broker does not send it again and again. OASIS MQTT 3.1.1, sections 2.2 and 3.3.

import { Duplex } from "node:stream";

/** Longest packet that passes, in bytes behind its fixed header. The longest message of PROTOCOL.md and its topic have 600. */
export const MOST_PACKET_BYTES = 4096;

/** Longest fixed header: the type, and a length of four bytes. */
const MOST_HEADER_BYTES = 5;
const PUBLISH = 3;
/** Takes the place of the topic of a message that is left out. */
const NO_TOPIC = Buffer.from("\0\x01x", "latin1");

/** What is read now. */
type Part = "header" | "topicLength" | "topic" | "packetId" | "rest" | "payload";

/**
 * Makes a function that takes the bytes of a broker as they come.
 * @returns the bytes that pass
 * @throws Error for what is no packet, and for one that is too long and no PUBLISH: end the connection
 */
export function createPacketLimit(mostBytes = MOST_PACKET_BYTES): (chunk: Buffer) => Buffer[] {
  let part: Part = "header";
  /** Bytes of this part that have come: never more than a few. */
  let head: number[] = [];
  let flags = 0;
  /** Bytes that are still to come of this part, and of the packet. */
  let left = 0;
  let leftOfPacket = 0;

  function begin(next: Part, length: number): void {
    part = next;
    left = length;
    head = [];
  }

  /** The fixed header, when it is whole. */
  function lengthIn(): number | undefined {
    const last = head.at(-1) as number;
    if (head.length < 2 || last >= 128) {
      if (head.length === MOST_HEADER_BYTES) throw new Error("the broker sends something else than MQTT");
      return undefined;
    }
    return head.slice(1).reduceRight((sum, byte) => sum * 128 + (byte % 128), 0);
  }

  function hasId(): boolean {
    return (flags & 6) > 0;
  }

  /** The packet without topic and payload. */
  function emptied(id: readonly number[]): Buffer {
    return Buffer.from([flags, NO_TOPIC.length + id.length, ...NO_TOPIC, ...id]);
  }

  /** Takes one byte of a part that is kept. @returns what passes */
  function take(byte: number): Buffer | undefined {
    head.push(byte);
    if (part === "header") {
      const length = lengthIn();
      if (length === undefined) return undefined;
      const header = Buffer.from(head);
      flags = head[0] as number;
      leftOfPacket = length;
      if (length <= mostBytes) {
        begin(length > 0 ? "rest" : "header", length);
        return header;
      }
      if (flags >> 4 !== PUBLISH) throw new Error(`the broker sends a packet of ${length} bytes that is no message`);
      begin("topicLength", 2);
      return undefined;
    }
    leftOfPacket--;
    if (--left > 0) return undefined;
    const [high = 0, low = 0] = head;
    if (part === "packetId") {
      const id = [high, low];
      begin("payload", leftOfPacket);
      return emptied(id);
    }
    const topicBytes = high * 256 + low;
    if (topicBytes + (hasId() ? 2 : 0) > leftOfPacket) throw new Error("the broker sends a message that ends within its topic");
    begin("topic", topicBytes);
    return topicBytes === 0 ? endTopic() : undefined;
  }

  function endTopic(): Buffer | undefined {
    if (hasId()) {
      begin("packetId", 2);
      return undefined;
    }
    begin("payload", leftOfPacket);
    return emptied([]);
  }

  return (chunk) => {
    const passed: Buffer[] = [];
    const pass = (bytes: Buffer | undefined): void => {
      if (bytes) passed.push(bytes);
    };
    for (let at = 0; at < chunk.length; ) {
      if (part === "header" || part === "topicLength" || part === "packetId") {
        pass(take(chunk[at++] as number));
        continue;
      }
      const end = Math.min(chunk.length, at + left);
      if (part === "rest") pass(chunk.subarray(at, end));
      left -= end - at;
      leftOfPacket -= end - at;
      at = end;
      if (left > 0) continue;
      if (part === "topic") pass(endTopic());
      else begin("header", 0);
    }
    // A message whose payload is empty behind its topic ends at once.
    if (part === "payload" && left === 0) begin("header", 0);
    return passed;
  };
}

/** The connection to a broker, without what is too long. */
export function limitedStream(socket: Duplex): Duplex {
  const limit = createPacketLimit();
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const bytes of limit(chunk)) if (!stream.push(bytes)) socket.pause();
    } catch (error) {
      stream.destroy(Object.assign(error as Error, { code: "EPROTO" }));
    }
  });
  socket.on("end", () => stream.push(null));
  socket.on("error", (error) => stream.destroy(error));
  socket.on("close", () => stream.destroy());
  return stream;
}
