// An honest terminal, written from firmware/uplink/PROTOCOL.md and firmware/ledger/FORMAT.md alone. It notes what no receiver may do to it. The attacker also plays boards
// that are replaced or cloned with it, and the holder of one key.

import { createHash, createHmac, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { crc32 } from "node:zlib";

export type Message = Record<string, unknown>;

/** So often a terminal without an acknowledgement says hello and sends its records again, in ms. */
const AGAIN_MS = 1000;
const RECONNECT_MS = 300;

function crcOf(bytes: string | Buffer): number {
  return crc32(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
}

export function lineOf(text: string): string {
  return `${text}*${crcOf(text).toString(16).padStart(8, "0")}\n`;
}

function macOf(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text, "latin1").digest("base64");
}

/** A message of a terminal with its MAC. */
export function sealed(key: Buffer, message: Message): string {
  const text = JSON.stringify(message);
  return `${text.slice(0, -1)},"mac":"${macOf(key, text)}"}`;
}

/** A record as FORMAT.md has it. @param before MAC of the record before, or the name of the log */
function recordOf(key: Buffer, before: Buffer, sequence: number, type: number, fields: string): Buffer {
  const slots = Math.ceil((16 + fields.length + 12) / 64);
  const record = Buffer.alloc(slots * 64, " ");
  record.writeUInt8(slots, 0);
  record.writeUInt8(type, 1);
  record.writeUInt16LE(0, 2);
  record.writeUInt32LE(sequence, 4);
  record.writeUInt32LE(sequence * 100, 8);
  record.writeUInt32LE(0, 12);
  record.write(fields, 16, "latin1");
  const macAt = record.length - 12;
  createHmac("sha256", key).update(before).update(record.subarray(0, macAt)).digest().copy(record, macAt, 0, 4);
  record.writeUInt32LE(crcOf(record.subarray(0, record.length - 8)), record.length - 8);
  record.writeUInt32LE(0, record.length - 4);
  return record;
}

function randomName(): number {
  return randomBytes(4).readUInt32LE();
}

export interface Board {
  readonly key?: Buffer;
  readonly log?: number;
  readonly start?: number;
}

/** A terminal that keeps to PROTOCOL.md. */
export class Terminal {
  readonly key: Buffer;
  readonly log: number;
  readonly start: number;
  readonly records: Buffer[] = [];
  acknowledged = 0;
  /** Counters whose state it wants to know. */
  neighbours: readonly string[] = [];
  /** It says hello all the time, and not only where it waits for an acknowledgement. */
  isTalking = false;
  /** It stays connected, and says nothing. */
  isMute = false;
  /** Its answers name another command than the one that came under this id. */
  answersOthers = false;
  /** Most records that it sends again where it is asked for them. */
  mostResent = Number.POSITIVE_INFINITY;
  resent = 0;
  /** How often it has connected. */
  connections = 0;
  /** Commands that came. */
  readonly heard: Message[] = [];
  /** What a receiver must never do. */
  readonly lies: string[] = [];
  private port = 0;
  private socket: Socket | undefined;
  private out: ((text: string) => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The highest number that this connection has brought. */
  private brought = 0;

  constructor(
    readonly device: string,
    readonly counter: string,
    { key = randomBytes(32), log = randomName(), start = randomName() }: Board = {},
  ) {
    this.key = key;
    this.log = log;
    this.start = start;
  }

  /** Another board under this one's name and key. */
  replaced(board: Omit<Board, "key"> = {}): Terminal {
    return new Terminal(this.device, this.counter, { ...board, key: this.key });
  }

  /** A board whose flash is a copy of this one's. */
  cloned(start?: number): Terminal {
    const clone = new Terminal(this.device, this.counter, { key: this.key, log: this.log, ...(start === undefined ? {} : { start }) });
    clone.records.push(...this.records);
    clone.acknowledged = this.acknowledged;
    return clone;
  }

  /** Writes a record, as when a citizen has pressed a key. */
  write(fields: string, type = 4): void {
    const name = Buffer.alloc(4);
    name.writeUInt32LE(this.log);
    const before = this.records.at(-1)?.subarray(-12, -8) ?? name;
    this.records.push(recordOf(this.key, before, this.records.length + 1, type, fields));
  }

  /** Stays connected from now on. */
  connect(port: number): void {
    this.end();
    this.port = port;
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      this.connections++;
    });
    this.socket = socket;
    this.plug((text) => socket.write(lineOf(text), "latin1"));
    let pending = "";
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (socket !== this.socket) return;
      this.unplug();
      this.timer = setTimeout(() => this.connect(this.port), RECONNECT_MS);
    });
    socket.on("data", (data: string) => {
      const lines = (pending + data).split("\n");
      pending = lines.pop() as string;
      for (const line of lines) this.hearLine(line);
    });
  }

  /** Its link is up. @param out takes the texts of its messages */
  plug(out: (text: string) => void): void {
    this.unplug();
    this.out = out;
    this.brought = this.acknowledged;
    this.timer = setInterval(() => {
      if (this.isTalking || this.acknowledged < this.records.length) this.greet();
    }, AGAIN_MS);
    this.greet();
  }

  get isPlugged(): boolean {
    return this.out !== undefined;
  }

  private unplug(): void {
    clearInterval(this.timer);
    this.out = undefined;
  }

  end(): void {
    this.unplug();
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }

  say(message: Message): void {
    if (!this.isMute) this.out?.(sealed(this.key, message));
  }

  hello(more: Message = {}, identity: Message = {}): Message {
    const { device, counter, neighbours, log, start, acknowledged } = this;
    const about = { device, counter, firmware: "1", config: 1, neighbours, ...identity };
    return { hello: about, log, last: this.records.length, acknowledged, start, signed: 0, ...more };
  }

  greet(): void {
    this.say(this.hello());
    this.send();
  }

  private send(): void {
    for (let seq = this.acknowledged + 1; seq <= Math.min(this.acknowledged + 4, this.records.length); seq++) this.sendOne(seq);
  }

  private sendOne(seq: number): void {
    if (!this.isMute && this.out) this.brought = Math.max(this.brought, seq);
    this.say({ log: this.log, seq, record: (this.records[seq - 1] as Buffer).toString("base64") });
  }

  private hearLine(line: string): void {
    const text = line.slice(0, -9);
    if (lineOf(text) !== `${line}\n`) return void this.lies.push(`a line with a wrong CRC: ${line}`);
    this.hear(text);
  }

  /** Whether a message may be for this terminal: it refuses what another key has signed. */
  mayTake(text: string): boolean {
    const { signed, mac } = JSON.parse(text) as Message;
    return signed === undefined || macOf(this.key, `command:${signed as string}`) === mac;
  }

  /** The text of a message has come. */
  hear(text: string): void {
    const message = JSON.parse(text) as Message;
    const signed = message.signed as string | undefined;
    if (signed !== undefined && macOf(this.key, `command:${signed}`) !== message.mac) return void this.lies.push(`a wrong signature: ${text}`);
    const command = signed === undefined ? message : (JSON.parse(signed) as Message);
    // What is for another start, maybe of another board on the same topic, it refuses.
    if (signed !== undefined && command.start !== this.start) return;
    if (command.do === "acknowledge") return this.hearAcknowledgement(command.seq as number, signed !== undefined);
    this.heard.push(command);
    if (message.id === undefined) return;
    const seq = command.seq as number;
    if (command.do === "resend" && this.records[seq - 1]) {
      if (this.resent >= this.mostResent) return;
      this.resent++;
      this.sendOne(seq);
    }
    const of = createHash("sha256")
      .update(this.answersOthers ? `${text} ` : text, "latin1")
      .digest("base64")
      .slice(0, 16);
    this.say({ answer: message.id, of, result: "ok" });
  }

  private hearAcknowledgement(seq: number, isSigned: boolean): void {
    if (!isSigned) this.lies.push("an acknowledgement without a signature");
    if (seq > this.brought) this.lies.push(`${seq} was acknowledged, and ${this.brought} was the newest that was sent`);
    if (seq <= this.acknowledged) return;
    this.acknowledged = seq;
    this.send();
  }
}
