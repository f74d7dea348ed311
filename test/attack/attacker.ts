// An attacker of terminals, written from firmware/uplink/PROTOCOL.md and firmware/ledger/FORMAT.md alone. It imports nothing of the project: what it knows about
// lines, signatures and records stands here a second time. It waits for a terminal on a TCP port and plays a stranger, a hostile host, and the holder of a key.

import { createHash, createHmac } from "node:crypto";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";

type Message = Record<string, unknown>;

/** What happens to a terminal that no line can do. */
export interface Hands {
  /** Takes the power, and gives it back. */
  restart(): void | Promise<void>;
  /** Keeps a copy of the flash. */
  copyFlash(): void | Promise<void>;
  /** Takes the power, writes the copy into the flash, and gives the power back. */
  restoreFlash(): void | Promise<void>;
}

interface Case {
  readonly name: string;
  /** @returns what went wrong, or "" */
  run(attacker: Attacker, hands: Hands): Promise<string>;
}

export interface Outcome {
  readonly case: string;
  readonly outcome: string;
  /** Lines that were sent. */
  readonly inputs: number;
}

const ANSWER_MS = 20_000;
const CARD = 16;

/** The line of a JSON text. */
function lineOf(text: string): string {
  return `${text}*${crc32(Buffer.from(text, "latin1")).toString(16).padStart(8, "0")}\n`;
}

/** By what an answer names its command. */
function ofOf(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("base64").slice(0, 16);
}

export class Attacker {
  port = 0;
  inputs = 0;
  hello: Message = {};
  hellos = 0;
  readonly answers: Message[] = [];
  /** The bytes of each record, by its log and its number. */
  readonly records = new Map<string, Buffer>();
  /** What the terminal must never do. */
  readonly lies: string[] = [];
  private readonly server: Server;
  private socket: Socket | undefined;
  private ids = 0;
  private number = 0;

  /** @param key of the device: it proves what the terminal says, and signs where a case needs a right signature */
  constructor(private readonly key: Buffer) {
    this.server = createServer((socket) => {
      this.socket = socket;
      let pending = "";
      socket.setEncoding("latin1");
      socket.on("error", () => undefined);
      socket.on("data", (data: string) => {
        const lines = (pending + data).split("\n");
        pending = lines.pop() as string;
        for (const line of lines) this.hear(line);
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.socket?.destroy();
    this.server.close();
  }

  /** Waits until something is so. @throws Error when it takes too long */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    for (let ms = 0; !isTrue(); ms += 5) {
      if (ms > ANSWER_MS) throw new Error(`waited in vain for ${what}`);
      await sleep(5);
    }
  }

  /** Sends bytes as they are, as one chunk. */
  bytes(bytes: string): void {
    this.inputs += bytes.split("\n").length - 1;
    this.socket?.write(bytes, "latin1");
  }

  newId(): string {
    return `a${++this.ids}`;
  }

  /** A plain command. */
  plain(command: Message, id = this.newId()): string {
    return JSON.stringify({ id, ...command });
  }

  /** A command in an envelope. */
  signed(command: Message, { id = this.newId(), key = this.key, n = ++this.number, start = this.hello.start } = {}): string {
    const text = JSON.stringify(command.do === "acknowledge" ? { start, ...command } : { ...command, n, start });
    return JSON.stringify({ id, signed: text, mac: createHmac("sha256", key).update(`command:${text}`, "latin1").digest("base64") });
  }

  /** Sends the text of a message. @returns its answer */
  async ask(text: string, before = ""): Promise<Message> {
    const wanted = ofOf(text);
    const from = this.answers.length;
    this.bytes(before + lineOf(text));
    await this.until(`an answer to ${text}`, () => this.answers.slice(from).some(({ of }) => of === wanted));
    return this.answers.slice(from).find(({ of }) => of === wanted) as Message;
  }

  /** Sends lines, and a good command in the same chunk. @returns "" where the good one was answered */
  async heardBehind(texts: readonly string[]): Promise<string> {
    const good = this.plain({ do: "waiting", count: 0 });
    const { result } = await this.ask(good, texts.map(lineOf).join(""));
    return result === "ok" ? "" : `the good line behind got ${result}`;
  }

  /** Cards that the terminal has recorded with this transaction. */
  cards(transaction: string): number {
    return [...this.records.values()].filter((bytes) => bytes[1] === CARD && fieldsOf(bytes)[1] === transaction).length;
  }

  private hear(line: string): void {
    const text = line.slice(0, -9);
    if (lineOf(text) !== `${line}\n`) {
      this.lies.push(`a line with a wrong CRC: ${line}`);
      return;
    }
    const message = JSON.parse(text) as Message;
    const body = `${text.slice(0, text.lastIndexOf(',"mac":"'))}}`;
    if (createHmac("sha256", this.key).update(body, "latin1").digest("base64") !== message.mac) this.lies.push(`a wrong MAC: ${text}`);
    if ("hello" in message) {
      this.hello = message;
      this.hellos++;
      this.number = message.signed as number;
      // A host that never acknowledges anything gets four records and no more.
      this.acknowledge(0);
    } else if ("answer" in message) this.answers.push(message);
    else if ("record" in message) this.keep(message);
  }

  private keep({ log, seq, record }: Message): void {
    const bytes = Buffer.from(record as string, "base64");
    const name = `${log}:${seq}`;
    const before = this.records.get(name);
    if (before && !before.equals(bytes)) this.lies.push(`two records with the number ${name}`);
    this.records.set(name, bytes);
    const previous = this.records.get(`${log}:${(seq as number) - 1}`);
    const chained = Buffer.alloc(4);
    chained.writeUInt32LE(log as number);
    const mac = (previous ?? Buffer.alloc(12)).subarray(-12, -8);
    if (seq !== 1 && !previous) return;
    const body = Buffer.concat([seq === 1 ? chained : mac, bytes.subarray(0, -12)]);
    const right = createHmac("sha256", this.key).update(body).digest().subarray(0, 4);
    if (!right.equals(bytes.subarray(-12, -8))) this.lies.push(`record ${name} is not chained to the one before`);
    this.acknowledge(seq as number);
  }

  private acknowledge(seq: number): void {
    this.socket?.write(lineOf(this.signed({ do: "acknowledge", seq })), "latin1");
  }
}

/** The fields of a record. */
function fieldsOf(bytes: Buffer): unknown[] {
  return JSON.parse(`[${bytes.subarray(16, -12).toString("latin1")}]`) as unknown[];
}

const card = (transaction: string): Message => ({ do: "card", staff: "1024", transaction, grade: 4, by: "9001" });

/** The texts of `__proto__` as the key of an object, with each character in turn, and all of them, as an escape. */
function protoKeys(): string[] {
  const name = [..."__proto__"];
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [
    name.join(""),
    ...name.map((_, at) => name.map((each, i) => (i === at ? escaped(each) : each)).join("")),
    ...name.map((_, at) => name.map((each, i) => (i === at ? escaped(each).toUpperCase().replace("U", "u") : each)).join("")),
    ...name.map((_, at) => name.map((each, i) => (i === at ? `\\x${each.charCodeAt(0).toString(16)}` : each)).join("")),
    name.map(escaped).join(""),
  ];
}

const NUMBERS = [
  "9".repeat(100),
  `-${"9".repeat(100)}`,
  `1e${"9".repeat(98)}`,
  `0.${"1".repeat(100)}`,
  "1e999",
  "4.5",
  `"${"9".repeat(100)}"`,
  `"${"f".repeat(64)}"`,
];
const NUMBER_FIELDS: readonly (readonly [string, string])[] = [
  ["waiting", "count"],
  ["resend", "seq"],
  ["piece", "at"],
];
const OBJECTS = ['{"toString":1}', '{"valueOf":1}', '{"length":1}', "[]", "[[]]", '["T"]', "{}"];
const FIELDS: readonly (readonly [string, string])[] = [
  ["invite", "transaction"],
  ["open", "transaction"],
  ["waiting", "count"],
  ["pause", "reason"],
  ["neighbour", "counter"],
  ["neighbour", "state"],
  ["totals", "row"],
  ["resend", "seq"],
  ["piece", "at"],
  ["piece", "data"],
];

/** Tries wrong values of fields, and expects `bad …` for each. */
async function refusesAll(attacker: Attacker, fields: typeof FIELDS, values: readonly string[], mayBe: RegExp): Promise<string> {
  for (const [what, field] of fields) {
    for (const value of values) {
      const text = `{"id":"${attacker.newId()}","do":"${what}","${field}":${value}}`;
      const { result, error } = await attacker.ask(text);
      if (!mayBe.test(String(error))) return `${text} got ${JSON.stringify({ result, error })}`;
      const problem = await attacker.heardBehind([text]);
      if (problem) return `${text}: ${problem}`;
    }
  }
  return "";
}

async function expectError(attacker: Attacker, text: string, wanted: string): Promise<string> {
  const { result, error } = await attacker.ask(text);
  return error === wanted ? "" : `got ${JSON.stringify({ result, error })}, not ${wanted}`;
}

export const CASES: readonly Case[] = [
  {
    name: "a stranger uses the id that the hall uses next",
    async run(attacker) {
      const id = "hall-2";
      await attacker.ask(attacker.plain({ do: "waiting", count: 1 }, id));
      const { result, error } = await attacker.ask(attacker.signed(card("T-1"), { id }));
      if (result !== "ok") return `the signed command got ${error}`;
      await attacker.until("the record of the card", () => attacker.cards("T-1") === 1);
      return "";
    },
  },
  {
    name: "an id comes again with another signed command",
    async run(attacker) {
      const id = "hall-3";
      await attacker.ask(attacker.signed({ do: "duplicateBadge", counter: "7" }, { id }));
      const { result, error } = await attacker.ask(attacker.signed(card("T-8"), { id }));
      if (result !== "ok") return `the second command got ${error}`;
      await attacker.until("the record of the card", () => attacker.cards("T-8") === 1);
      return "";
    },
  },
  {
    name: "a signed command is sent again, as it was",
    async run(attacker) {
      const text = attacker.signed(card("T-2"));
      const first = await attacker.ask(text);
      const second = await attacker.ask(text);
      await attacker.until("the record of the card", () => attacker.cards("T-2") > 0);
      if (first.mac !== second.mac) return "another answer";
      return attacker.cards("T-2") === 1 ? "" : "it was carried out twice";
    },
  },
  {
    name: "the number of a signed command is used again",
    async run(attacker) {
      const n = (attacker.hello.signed as number) + 500;
      await attacker.ask(attacker.signed({ do: "duplicateBadge", counter: "7" }, { n }));
      const problem = await expectError(attacker, attacker.signed(card("T-3"), { n }), "replayed");
      return problem || (attacker.cards("T-3") === 0 ? "" : "it was carried out");
    },
  },
  {
    name: "a signed command in clear, and with a wrong MAC",
    async run(attacker) {
      const open = await expectError(attacker, attacker.plain(card("T-4")), "unsigned");
      return open || expectError(attacker, attacker.signed(card("T-4"), { key: Buffer.alloc(32) }), "badMac");
    },
  },
  {
    name: "a command that was signed for another terminal",
    run: (attacker) => expectError(attacker, attacker.signed(card("T-5"), { key: Buffer.alloc(32, 7) }), "badMac"),
  },
  {
    name: "an acknowledgement without a signature",
    run: (attacker) => expectError(attacker, attacker.plain({ do: "acknowledge", start: attacker.hello.start, seq: 1 }), "unsigned"),
  },
  {
    name: "what was signed before a restart",
    async run(attacker, hands) {
      const before = attacker.hellos;
      const old = attacker.signed(card("T-6"));
      const acknowledgement = attacker.signed({ do: "acknowledge", seq: 1 });
      await hands.restart();
      await attacker.until("a hello", () => attacker.hellos > before);
      return (await expectError(attacker, old, "otherStart")) || expectError(attacker, acknowledgement, "otherStart");
    },
  },
  {
    name: "what was signed before the flash was restored from a copy",
    async run(attacker, hands) {
      const restore = async (): Promise<void> => {
        const before = attacker.hellos;
        // The numbers that were used behind the copy come again: what the hall had is not what the terminal has now.
        attacker.records.clear();
        await hands.restoreFlash();
        await attacker.until("a hello", () => attacker.hellos > before);
      };
      await hands.copyFlash();
      // Two starts from the same copy are alike in everything that flash holds.
      await restore();
      const text = attacker.signed(card("T-7"));
      await attacker.ask(text);
      await attacker.until("the record of the card", () => attacker.cards("T-7") === 1);
      const acknowledgement = attacker.signed({ do: "acknowledge", seq: attacker.hello.last as number });
      await restore();
      return (await expectError(attacker, text, "otherStart")) || expectError(attacker, acknowledgement, "otherStart");
    },
  },
  {
    name: "__proto__ in every escape, as a key",
    async run(attacker) {
      for (const key of protoKeys()) {
        for (const value of ['"xxxxxxxxxxxxxxxxxxxx"', "1", "null", '{"a":1}', "[1]"]) {
          const problem = await attacker.heardBehind([`{"${key}":${value}}`, `{"id":1,"do":{"${key}":${value}}}`]);
          if (problem) return `${key}: ${problem}`;
        }
      }
      return "";
    },
  },
  { name: "objects and lists as fields", run: (attacker) => refusesAll(attacker, FIELDS, OBJECTS, /^bad object$/) },
  {
    name: "numbers of a hundred digits, and long texts as numbers",
    run: (attacker) => refusesAll(attacker, NUMBER_FIELDS, NUMBERS, /^(bad \w+|gone|notBegun|unknownCommand)$/),
  },
  {
    name: "an object, a list, a number and a long text as the command",
    async run(attacker) {
      for (const value of [...OBJECTS, ...NUMBERS, "null", "true"]) {
        const problem = await attacker.heardBehind([`{"do":${value}}`, `{"id":${value},"do":"sing"}`]);
        if (problem) return `${value}: ${problem}`;
      }
      return "";
    },
  },
  {
    name: "numbers with an exponent that a slow parser multiplies out",
    async run(attacker) {
      for (const number of ["1e999999999", "1E999999999", "1e+999999999", "0.1e-999999999", "1.e99999999"]) {
        const beginMs = performance.now();
        const texts = [
          `{"do":"waiting","count":${number}}`,
          `{'"':${number},"a":1}`,
          `{/*"*/"a":${number},"b":"\\""}`,
          `{"signed":"{\\"n\\":${number}}"}`,
        ];
        const problem = await attacker.heardBehind(texts);
        if (problem) return `${number}: ${problem}`;
        if (performance.now() - beginMs > 3000) return `${number} keeps the terminal busy for ${Math.round(performance.now() - beginMs)} ms`;
      }
      return "";
    },
  },
  {
    name: "long texts where JSON has none",
    async run(attacker) {
      for (const before of [
        '{"id":1,"a":"b"',
        '{"id":1,"a":1',
        '{"id":1,"a":[1',
        '{"id":1,"a":[]',
        '{"id":1,"a":{"b":2}',
        '{"id"',
        '{"id":1,"a":true',
        "[1",
        "",
      ]) {
        for (const length of [63, 64, 65, 66, 100, 400]) {
          const texts = [before, `${before} `, `${before}\t\t`].map((text) => `${text}"${"x".repeat(length)}"}`);
          const problem = await attacker.heardBehind(texts);
          if (problem) return `${length} characters behind ${before}: ${problem}`;
        }
      }
      return "";
    },
  },
  {
    name: "states of a thousand invented neighbours",
    async run(attacker) {
      for (let i = 0; i < 1000; i += 20) {
        const texts = Array.from({ length: 20 }, (_, at) => attacker.plain({ do: "neighbour", counter: `n${i + at}`, state: "paused" }));
        const problem = await attacker.heardBehind(texts);
        if (problem) return problem;
      }
      return expectError(attacker, attacker.plain({ do: "neighbour", counter: "n1", state: "open" }), "bad counter");
    },
  },
  {
    name: "names that every object has, as words",
    async run(attacker) {
      for (const word of ["constructor", "toString", "length", "hasOwnProperty", "valueOf", "prototype"]) {
        const texts = [
          attacker.plain({ do: "neighbour", counter: word, state: "paused" }),
          attacker.plain({ do: "neighbour", counter: "9", state: word }),
          attacker.plain({ do: "totals", row: word }),
          attacker.plain({ do: word }),
        ];
        const problem = await attacker.heardBehind(texts);
        if (problem) return `${word}: ${problem}`;
      }
      return "";
    },
  },
  {
    name: "noise, broken JSON, and lines at every length around the longest",
    async run(attacker) {
      for (const length of [502, 503, 504, 510, 511, 512, 513, 600, 5000]) {
        for (const part of ["[", '{"a":', "{", '"', "9"]) {
          const problem = await attacker.heardBehind([part.repeat(length).slice(0, length), `{"do":"${"x".repeat(length)}`]);
          if (problem) return `${part} at ${length}: ${problem}`;
        }
      }
      return "";
    },
  },
];

/**
 * Plays cases against the terminal that connects.
 * @param names of the cases; none: all of them
 */
export async function attack(attacker: Attacker, hands: Hands, names: readonly string[]): Promise<Outcome[]> {
  await attacker.until("a hello", () => attacker.hellos > 0);
  const outcomes: Outcome[] = [];
  for (const each of CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const before = attacker.inputs;
    let outcome: string;
    try {
      outcome = (await each.run(attacker, hands)) || attacker.lies.shift() || "held";
    } catch (error) {
      outcome = (error as Error).message;
    }
    outcomes.push({ case: each.name, outcome, inputs: attacker.inputs - before });
  }
  return outcomes;
}

/** The table of outcomes. */
export function table(outcomes: readonly Outcome[], engine: string): string {
  return outcomes.map(({ case: name, outcome, inputs }) => [name, outcome, engine, `${inputs} lines`].join(" | ")).join("\n");
}
