// The terminal's side of the link: its messages, their times, and its answers. A host that follows PROTOCOL.md gets every record exactly once, over a link that loses,
// repeats, reorders and damages lines.

import { createHash, createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Staff } from "../../../firmware/config/roster.js";
import type { Ledger } from "../../../firmware/ledger/ledger.js";
import { RecordType } from "../../../firmware/ledger/records.js";
import { EventKind } from "../../../firmware/terminal/events.js";
import { createState } from "../../../firmware/terminal/state.js";
import { step } from "../../../firmware/terminal/step.js";
import { SIGNED_COMMANDS } from "../../../firmware/tools/link/message-schemas.js";
import { parseConfig } from "../../../firmware/tools/provision/config-schema.js";
import { storedConfig } from "../../../firmware/tools/provision/stored-config.js";
import { decodeLine, encodeLine, lineOf, textOf } from "../../../firmware/uplink/codec.js";
import { createGuard } from "../../../firmware/uplink/command-authentication.js";
import { startUplink, type Uplink } from "../../../firmware/uplink/uplink.js";
import { MAX_LINE_BYTES } from "../../../hal/espruino/link/lines.js";
import type { Hal } from "../../../hal/hal.js";
import type { LinkListener } from "../../../hal/link.js";
import { type FlashGeometry, flashOver, NorFlash } from "../../../sim/chips/nor-flash.js";
import { sha256, toBase64, toBytes } from "../../../sim/world/native.js";
import { openSimulatedLedger, SIMULATED_KEY } from "../../../sim/world/simulated-key.js";

const crcOf = (data: string | Uint8Array): number => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : data);
const LOG = 4711;
const IDENTITY = { device: "sim-08", counter: "8", firmware: "0.1.0", config: 1 };
const LOST_MS = 60_000;
const RING: FlashGeometry = { pageCount: 3, pageBytes: 1024, alignBytes: 4 };

type Message = Record<string, unknown>;

interface Terminal {
  nowMs: number;
  readonly chip: NorFlash;
  ledger: Ledger;
  uplink: Uplink;
  /** Names its start. */
  start: number;
  /** What the chip gives as a random number. */
  random: number;
  /** The result of `Link.send`. */
  isConnected: boolean;
  /** The commands that the terminal carried out, in words. */
  readonly asked: string[];
  /** The result of a command in the app. */
  result: string;
  setLink(isUp: boolean, why?: string): void;
  /** Receives a message, in an envelope where it needs one. */
  hear(message: Message): void;
  hearPlain(message: Message): void;
  hearLine(line: string): void;
  append(count: number): void;
  /** Messages sent since the last call. */
  takeSent(): Message[];
  takeLines(): string[];
  /** A record in flash, in base64, as an independent reader finds it. */
  stored(sequence: number): string;
  /** The power goes, and comes back. */
  restart(): void;
}

/** A command, or an acknowledgement, as the host signs it. */
function envelopeOf(signed: string, key: Uint8Array = SIMULATED_KEY): Message {
  return { signed, mac: createHmac("sha256", key).update(`command:${signed}`).digest("base64") };
}

/** The message in a line, without its MAC, which has to be right. An answer comes without the hash of its command. @param heard hashes of the commands */
function unsealed(line: string, heard: ReadonlySet<string>): Message {
  const { mac, of, ...message } = decodeLine(line, crcOf) as Message;
  if ("answer" in message) expect(heard).toContain(of);
  else expect(of).toBeUndefined();
  const text = (textOf(line, crcOf) as string).replace(/,"mac":"[^"]*"\}$/, "}");
  expect(mac).toBe(createHmac("sha256", SIMULATED_KEY).update(text).digest("base64"));
  return message;
}

function createTerminal(geometry = RING, log = LOG): Terminal {
  const chip = new NorFlash(geometry, () => undefined);
  const lines: string[] = [];
  const heard = new Set<string>();
  let listener: LinkListener | undefined;
  const flash = flashOver(chip);
  const hal = {
    clock: { nowMs: () => terminal.nowMs },
    crc32: crcOf,
    sha256,
    toBytes,
    toBase64,
    random32: () => terminal.random,
    link: {
      start(_: string, given: LinkListener) {
        listener = given;
      },
      send(_kind: string, text: string) {
        if (!terminal.isConnected) return "down";
        lines.push(lineOf(text, crcOf));
        return "sent";
      },
    },
  } as unknown as Hal;
  function hearText(text: string): void {
    heard.add(createHash("sha256").update(text, "latin1").digest("base64").slice(0, 16));
    listener?.onMessage(text);
  }
  const hearPlain = (message: Message): void => hearText(JSON.stringify(message));
  const terminal: Terminal = {
    nowMs: 0,
    chip,
    ledger: undefined as unknown as Ledger,
    uplink: undefined as unknown as Uplink,
    start: 0,
    random: 4096,
    isConnected: false,
    asked: [],
    result: "ok",
    setLink(isUp, why = "") {
      terminal.isConnected = isUp;
      listener?.onState(isUp, why);
    },
    hear(message) {
      const { id, ...command } = message;
      const rest = message.do === "acknowledge" && !("start" in message) ? { ...command, start: terminal.start } : command;
      const isSigned = SIGNED_COMMANDS.has(message.do as string) || message.do === "acknowledge";
      hearPlain(isSigned ? { ...(id === undefined ? {} : { id }), ...envelopeOf(JSON.stringify(rest)) } : message);
    },
    hearPlain,
    hearLine(line) {
      const text = textOf(line, crcOf);
      if (text) hearText(text);
    },
    append(count) {
      for (let i = 0; i < count; i++) terminal.ledger.append(RecordType.PauseBegan, terminal.nowMs, 0, `"${terminal.ledger.last() + 1}"`);
    },
    takeLines: () => lines.splice(0),
    takeSent: () => lines.splice(0).map((line) => unsealed(line, heard)),
    stored(sequence) {
      const record = openSimulatedLedger(flash, () => log).read(sequence);
      return Buffer.from(record?.bytes as Uint8Array).toString("base64");
    },
    restart() {
      terminal.ledger = openSimulatedLedger(flash, () => log);
      const guard = createGuard(hal, terminal.ledger, true, (type, fields, atMs) => {
        terminal.asked.push(`record ${type}: ${fields.join(" ")}`);
        return terminal.ledger.append(type, atMs, 0, JSON.stringify(fields).slice(1, -1)) === "ok";
      });
      terminal.start = guard.start;
      terminal.uplink = startUplink({
        hal,
        config: { device: "sim-08", host: "10.0.0.5:4000", wifi: [] },
        ledger: terminal.ledger,
        identity: IDENTITY,
        lostMs: LOST_MS,
        guard,
        onCommand({ do: what, transaction }, atMs) {
          terminal.asked.push(`${what} ${transaction} at ${atMs}`);
          return terminal.result;
        },
        onAcknowledged: (atMs) => terminal.asked.push(`acknowledged at ${atMs}`),
        onLost: (isLost, atMs, why) =>
          terminal.asked.push(`${isLost ? "lost" : "heard"} at ${atMs}${isLost && why !== "host not heard" ? `: ${why}` : ""}`),
        onHeard: () => terminal.uplink.pump(terminal.nowMs),
      });
    },
  };
  terminal.restart();
  return terminal;
}

/** Numbers of the records among messages. */
function sequencesOf(messages: readonly Message[]): unknown[] {
  return messages.filter((message) => "seq" in message).map((message) => message.seq);
}

/** A terminal with some records and a link that is up. Its first messages are dropped. */
function createConnected(records: number): Terminal {
  const terminal = createTerminal();
  terminal.append(records);
  terminal.setLink(true);
  terminal.takeLines();
  return terminal;
}

describe("When the link comes up", () => {
  it("the terminal says who it is, and sends its first four records", () => {
    const terminal = createTerminal();
    terminal.append(6);
    terminal.uplink.pump(0);
    expect(terminal.takeSent()).toEqual([]);
    terminal.setLink(true);
    const [hello, ...records] = terminal.takeSent();
    expect(hello).toEqual({ hello: IDENTITY, log: LOG, last: 6, acknowledged: 0, start: terminal.start, signed: 1000 });
    expect(records.map(({ log, seq }) => [log, seq])).toEqual([1, 2, 3, 4].map((seq) => [LOG, seq]));
    for (const [i, { record }] of records.entries()) {
      expect(record).toBe(terminal.stored(i + 1));
    }
  });

  it("again, the terminal says so again, and sends again what is not acknowledged", () => {
    const terminal = createConnected(3);
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.setLink(false);
    terminal.append(1);
    terminal.uplink.pump(60_000);
    expect(terminal.takeSent()).toEqual([]);
    terminal.setLink(true);
    const sent = terminal.takeSent();
    expect(sent[0]).toMatchObject({ last: 4, acknowledged: 1 });
    expect(sequencesOf(sent)).toEqual([2, 3, 4]);
  });

  it("with nothing to send, the terminal only says who it is", () => {
    const terminal = createTerminal();
    terminal.setLink(true);
    expect(terminal.takeSent()).toEqual([{ hello: IDENTITY, log: LOG, last: 0, acknowledged: 0, start: terminal.start, signed: 1000 }]);
    expect(terminal.uplink.deadlineMs()).toBe(LOST_MS / 2);
  });
});

describe("Records", () => {
  it("go out as soon as they are written", () => {
    const terminal = createConnected(0);
    terminal.append(1);
    terminal.uplink.pump(0);
    expect(sequencesOf(terminal.takeSent())).toEqual([1]);
    terminal.uplink.pump(0);
    expect(terminal.takeSent()).toEqual([]);
  });

  it("wait for the acknowledgement of those before them, four under way", () => {
    const terminal = createConnected(9);
    terminal.uplink.pump(0);
    expect(terminal.takeSent()).toEqual([]);
    terminal.hear({ do: "acknowledge", seq: 1 });
    expect(sequencesOf(terminal.takeSent())).toEqual([5]);
    terminal.hear({ do: "acknowledge", seq: 4 });
    expect(sequencesOf(terminal.takeSent())).toEqual([6, 7, 8]);
    terminal.hear({ do: "acknowledge", seq: 8 });
    expect(sequencesOf(terminal.takeSent())).toEqual([9]);
    terminal.hear({ do: "acknowledge", seq: 9 });
    expect(terminal.takeSent()).toEqual([]);
    expect(terminal.uplink.deadlineMs()).toBe(LOST_MS / 2);
  });

  it("are sent again 5 s after the last was sent, from the first that is not acknowledged", () => {
    const terminal = createConnected(2);
    terminal.nowMs = 1000;
    terminal.append(1);
    terminal.uplink.pump(1000);
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.takeLines();
    expect(terminal.uplink.deadlineMs()).toBe(6000);
    terminal.uplink.pump(5999);
    expect(terminal.takeSent()).toEqual([]);
    terminal.uplink.pump(6000);
    expect(sequencesOf(terminal.takeSent())).toEqual([2, 3]);
    expect(terminal.uplink.deadlineMs()).toBe(11_000);
  });

  it("that the link did not take are tried again with the next step", () => {
    const terminal = createConnected(0);
    terminal.append(2);
    terminal.isConnected = false;
    terminal.uplink.pump(0);
    terminal.isConnected = true;
    terminal.uplink.pump(1);
    expect(sequencesOf(terminal.takeSent())).toEqual([1, 2]);
  });

  it("that flash lost are told as lost, so that the host does not wait for them", () => {
    const terminal = createTerminal();
    terminal.append(3);
    terminal.chip.bytes[2 * 64 + 20] = 5;
    terminal.setLink(true);
    const [, first, second, third] = terminal.takeSent();
    expect(first).toMatchObject({ seq: 1, record: expect.any(String) });
    expect(second).toEqual({ log: LOG, seq: 2, lost: true });
    expect(third).toMatchObject({ seq: 3, record: expect.any(String) });
  });

  it("that are as long as they can be fit into a line", () => {
    const terminal = createTerminal();
    terminal.ledger.append(RecordType.FaultBegan, 4_000_000_000, 4_294_967_294, "x".repeat(228));
    terminal.setLink(true);
    for (const line of terminal.takeLines()) {
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(line.length).toBeLessThanOrEqual(MAX_LINE_BYTES);
    }
  });
});

describe("A command gets one answer", () => {
  it.each<[command: Message, answer: Message, asked: string[]]>([
    [{ do: "invite", transaction: "T-2041" }, { result: "ok" }, ["invite T-2041 at 77"]],
    [{ do: "sing", transaction: "T" }, { result: "ok" }, ["sing T at 77"]],
    [{ do: ["sing"] }, { error: "bad object" }, []],
    [{ do: { toString: 1 } }, { error: "bad object" }, []],
    [{ do: "invite", transaction: { toString: 1 } }, { error: "bad object" }, []],
    [{ do: "sing", transaction: ["T"] }, { error: "bad object" }, []],
    [{ do: 7 }, { error: "unknownCommand" }, []],
    [{}, { error: "unknownCommand" }, []],
    [{ do: "acknowledge", start: 1, seq: 1 }, { error: "otherStart" }, []],
    [{ do: "acknowledge", start: "4711", seq: 1 }, { error: "otherStart" }, []],
    [{ do: "acknowledge", start: undefined, seq: 1 }, { error: "otherStart" }, []],
  ])("%j: %j", (command, answer, asked) => {
    const terminal = createConnected(1);
    terminal.nowMs = 77;
    terminal.hear({ id: 5, more: "fields", ...command });
    expect(terminal.takeSent()).toEqual([{ answer: 5, ...answer }]);
    expect(terminal.asked).toEqual(asked);
    expect(terminal.ledger.acknowledged()).toBe(0);
  });

  it("and what the app says of it", () => {
    const terminal = createConnected(0);
    terminal.result = "notServing";
    terminal.hear({ id: 6, do: "invite", transaction: "T1" });
    expect(terminal.takeSent()).toEqual([{ answer: 6, error: "notServing" }]);
  });

  it.each([0, 2.5, "", "a", "aZ09._-", "x".repeat(32)])("with the plain id %j that the host gave it", (id) => {
    const terminal = createConnected(0);
    terminal.hear({ id, do: "invite", transaction: "T1" });
    expect(terminal.takeSent()).toEqual([{ answer: id, result: "ok" }]);
  });

  it.each([[null], [true], ["x".repeat(33)], ["a b"], ["\xe5\x8f\xb7"], [undefined]])(
    "without the id %j, which is none, or which a line might not hold",
    (id) => {
      const terminal = createConnected(0);
      terminal.hear({ id, do: "invite", transaction: "T1" });
      expect(terminal.takeSent()).toEqual([{ answer: null, result: "ok" }]);
    },
  );

  it.each([[[1, "b"]], [{ a: 1 }]])("with its refusal under no id, where the id is %j", (id) => {
    const terminal = createConnected(0);
    terminal.hear({ id, do: "invite", transaction: "T1" });
    expect(terminal.takeSent()).toEqual([{ answer: null, error: "bad object" }]);
  });

  it("of its own, whatever else came under its id", () => {
    const terminal = createConnected(1);
    const { start } = terminal;
    const signed = { id: 1, ...envelopeOf(JSON.stringify({ do: "card", staff: "1024", n: 1001, start })) };
    terminal.hear({ id: 1, do: "waiting", count: 2 });
    terminal.hearPlain({ id: 1, do: "card", staff: "1024" });
    terminal.takeSent();
    terminal.asked.length = 0;
    terminal.hearPlain(signed);
    expect(terminal.takeSent()).toEqual([{ answer: 1, result: "ok" }]);
    expect(terminal.asked).toEqual(["card undefined at 0"]);
  });

  it("that strangers cannot make it forget: those of signed commands are remembered by themselves", () => {
    const terminal = createConnected(1);
    const { start } = terminal;
    const signed = { id: 1, ...envelopeOf(JSON.stringify({ do: "card", staff: "1024", n: 1001, start })) };
    terminal.hearPlain(signed);
    for (let id = 0; id < 20; id++) {
      terminal.hear({ id, do: "waiting", count: id });
      terminal.hearPlain({ id, ...envelopeOf("{}", Buffer.alloc(32)) });
      terminal.hearPlain({ id, signed: "{}", mac: "" });
    }
    terminal.takeSent();
    terminal.hearPlain(signed);
    expect(terminal.takeSent()).toEqual([{ answer: 1, result: "ok" }]);
    expect(terminal.asked.filter((words) => words.startsWith("card"))).toHaveLength(1);
  });

  it.each([
    '{"__proto__":"xxxxxxxxxxxxxxxxxxxx"}',
    '{"do":"invite","transaction":"T1","__proto__":{}}',
    '{"\\u005f_proto__":"x"}',
    '{"\\x5f_proto__":"x"}',
    '{"\\137_proto__":"x"}',
    '{"do":"invite","transaction":"T\\/1"}',
  ])("and is not read where it could harm the interpreter, as %s could", (text) => {
    const terminal = createConnected(0);
    terminal.hearLine(lineOf(text, crcOf));
    terminal.hearPlain({ id: 1, ...envelopeOf(text) });
    const refusal = { answer: null, error: "unknownCommand" };
    expect(terminal.takeSent()).toEqual([refusal, refusal]);
    expect(terminal.asked).toEqual([]);
  });

  it("the same however often it is repeated, and is carried out once", () => {
    const terminal = createConnected(0);
    for (const id of [1, 11, "1", 1]) terminal.hear({ id, do: "invite", transaction: "T1" });
    terminal.result = "notServing";
    terminal.hear({ id: 1, do: "invite", transaction: "T1" });
    expect(terminal.takeSent()).toEqual([1, 11, "1", 1, 1].map((answer) => ({ answer, result: "ok" })));
    expect(terminal.asked).toHaveLength(3);
  });

  it("that is remembered for the last eight", () => {
    const terminal = createConnected(0);
    for (let id = 1; id <= 9; id++) terminal.hear({ id, do: "invite", transaction: "T1" });
    for (const id of [2, 9, 1]) terminal.hear({ id, do: "invite", transaction: "T1" });
    expect(terminal.asked).toHaveLength(10);
    expect(terminal.takeSent()).toHaveLength(12);
  });

  it("each time where it has no id that is plain", () => {
    const terminal = createConnected(0);
    for (let i = 0; i < 3; i++) terminal.hear({ do: "invite", transaction: "T1" });
    expect(terminal.asked).toHaveLength(3);
  });

  it("and the record that it asks for, be that acknowledged or not", () => {
    const terminal = createConnected(2);
    terminal.hear({ do: "acknowledge", seq: 2 });
    terminal.hear({ id: 1, do: "resend", seq: 1 });
    terminal.hear({ id: 2, do: "resend", seq: 3 });
    terminal.hear({ id: 3, do: "resend", seq: "1" });
    terminal.hear({ id: 4, do: "resend" });
    expect(terminal.takeSent()).toEqual([
      { log: LOG, seq: 1, record: terminal.stored(1) },
      { answer: 1, result: "ok" },
      { answer: 2, error: "gone" },
      { answer: 3, error: "bad seq" },
      { answer: 4, error: "gone" },
    ]);
  });

  it("and a line that is no message gets none", () => {
    const terminal = createConnected(0);
    for (const line of ["", "hello", '{"do":"invite","transaction":"T1"}', '{"do":"invite","transaction":"T1"}*00000000']) terminal.hearLine(line);
    expect(terminal.takeSent()).toEqual([]);
    expect(terminal.asked).toEqual([]);
  });
});

/** Lets a state carry out a command, as the app does. */
function resultOf(command: Message): string {
  const state = createState(storedConfig(parseConfig({ version: 1, device: "a", counter: "8" })));
  state.clerk = { number: "1024" } as Staff;
  step(state, { kind: EventKind.Commanded, command, atMs: 77 });
  return state.result;
}

describe("What a command comes to", () => {
  it.each<[command: Message, result: string]>([
    [{ do: "invite", transaction: "T-2041" }, "ok"],
    [{ do: "invite", transaction: "a" }, "ok"],
    [{ do: "invite", transaction: "aZ09._-aZ09._-aZ" }, "ok"],
    [{ do: "invite", transaction: "" }, "bad transaction"],
    [{ do: "invite", transaction: "12345678901234567" }, "bad transaction"],
    [{ do: "invite", transaction: "13800138000" }, "bad transaction"],
    [{ do: "invite", transaction: "T 1" }, "bad transaction"],
    [{ do: "invite", transaction: "T1\n" }, "bad transaction"],
    [{ do: "invite", transaction: 'T"1' }, "bad transaction"],
    [{ do: "invite", transaction: "号" }, "bad transaction"],
    [{ do: "invite", transaction: 2041 }, "bad transaction"],
    [{ do: "invite", transaction: ["T1"] }, "bad transaction"],
    [{ do: "invite", transaction: null }, "bad transaction"],
    [{ do: "invite" }, "bad transaction"],
    [{ do: "time", unix: 1772411403 }, "ok"],
    [{ do: "time", unix: 1577836800 }, "ok"],
    [{ do: "time", unix: 4294967294 }, "ok"],
    [{ do: "time", unix: 1772411403.9 }, "bad unix"],
    [{ do: "time", unix: 1577836799 }, "bad unix"],
    [{ do: "time", unix: 4294967295 }, "bad unix"],
    [{ do: "time", unix: 1772411403000 }, "bad unix"],
    [{ do: "time", unix: -1 }, "bad unix"],
    [{ do: "time", unix: "1772411403" }, "bad unix"],
    [{ do: "time", unix: null }, "bad unix"],
    [{ do: "time" }, "bad unix"],
    [{ do: "cancel" }, "notAsking"],
    [{ do: "resume" }, "notPaused"],
    [{ do: "approve", by: "9001" }, "nothingAsked"],
    [{ do: "pause", reason: "tea" }, "bad reason"],
    [{ do: "pause", reason: "lunch" }, "ok"],
    [{ do: "waiting", count: 10_000 }, "bad count"],
    [{ do: "sing" }, "unknownCommand"],
    [{ do: "toString" }, "unknownCommand"],
    [{ do: 1 }, "unknownCommand"],
    [{}, "unknownCommand"],
  ])("%j: %s", (command, result) => {
    expect(resultOf(command)).toBe(result);
  });
});

describe("A host that is not heard", () => {
  it("and owes an acknowledgement is lost after the configured time, once, and heard with its next acknowledgement", () => {
    const terminal = createConnected(2);
    terminal.nowMs = 59_999;
    terminal.uplink.pump(59_999);
    expect(terminal.asked).toEqual([]);
    terminal.nowMs = 60_000;
    terminal.uplink.pump(60_000);
    terminal.uplink.pump(61_000);
    expect(terminal.asked).toEqual(["lost at 60000"]);
    terminal.nowMs = 62_000;
    terminal.hear({ do: "acknowledge", seq: 1 });
    expect(terminal.asked).toEqual(["lost at 60000", "acknowledged at 62000", "heard at 62000"]);
  });

  it("is not lost while it owes nothing", () => {
    const terminal = createConnected(1);
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.asked.length = 0;
    terminal.uplink.pump(1e9);
    expect(terminal.asked).toEqual([]);
  });

  it("because the link is down is lost after that time too, and heard when the link is up", () => {
    const terminal = createConnected(1);
    terminal.nowMs = 1000;
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.asked.length = 0;
    terminal.setLink(false);
    expect(terminal.uplink.deadlineMs()).toBe(61_000);
    terminal.uplink.pump(60_999);
    expect(terminal.asked).toEqual([]);
    terminal.uplink.pump(61_000);
    terminal.nowMs = 70_000;
    terminal.setLink(true);
    expect(terminal.asked).toEqual(["lost at 61000"]);
    terminal.hear({ do: "acknowledge", seq: 1 });
    expect(terminal.asked).toEqual(["lost at 61000", "heard at 70000"]);
  });

  it("because it refuses the link is lost at once, with its reason, until the link is up", () => {
    const terminal = createTerminal();
    terminal.setLink(false, "login refused 5");
    terminal.nowMs = 10;
    terminal.uplink.pump(10);
    expect(terminal.asked).toEqual(["lost at 0: login refused 5"]);
    terminal.setLink(true);
    expect(terminal.asked).toEqual(["lost at 0: login refused 5", "heard at 10"]);
  });

  it("is greeted again when all is quiet, and lost when it does not answer", () => {
    const terminal = createConnected(1);
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.asked.length = 0;
    for (const atMs of [30_000, 60_000, 90_000]) {
      terminal.nowMs = atMs;
      expect(terminal.uplink.deadlineMs()).toBe(atMs);
      terminal.uplink.pump(atMs);
      expect(terminal.takeSent()).toEqual([{ hello: IDENTITY, log: LOG, last: 1, acknowledged: 1, start: terminal.start, signed: 1000 }]);
      if (atMs === 90_000) expect(terminal.asked).toEqual(["lost at 90000"]);
      else expect(terminal.asked).toEqual([]);
    }
    terminal.hear({ do: "acknowledge", seq: 1 });
    expect(terminal.asked).toEqual(["lost at 90000", "heard at 90000"]);
    expect(terminal.uplink.deadlineMs()).toBe(120_000);
  });

  it("that answers each greeting is never lost", () => {
    const terminal = createConnected(1);
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.asked.length = 0;
    for (let i = 0; i < 200; i++) {
      terminal.nowMs = terminal.uplink.deadlineMs();
      terminal.uplink.pump(terminal.nowMs);
      terminal.nowMs += 100;
      terminal.hear({ do: "acknowledge", seq: 1 });
    }
    expect(terminal.asked).toEqual([]);
  });

  it("that says the same again while records wait does not store them, and is lost", () => {
    const terminal = createConnected(2);
    terminal.hear({ do: "acknowledge", seq: 1 });
    terminal.asked.length = 0;
    for (let atMs = 1000; atMs <= LOST_MS; atMs += 1000) {
      terminal.nowMs = atMs;
      terminal.uplink.pump(atMs);
      terminal.hear({ do: "acknowledge", seq: 1 });
    }
    expect(terminal.asked).toEqual([`lost at ${LOST_MS}`]);
  });
});

describe("An alert", () => {
  it("is told while the link is up, once, and else not at all", () => {
    const terminal = createTerminal();
    terminal.uplink.tell("alert", { alert: "badRating", detail: "1024" });
    terminal.setLink(true);
    terminal.takeLines();
    terminal.uplink.tell("alert", { alert: "badRating", detail: "1024" });
    expect(terminal.takeSent()).toEqual([{ alert: "badRating", detail: "1024" }]);
    terminal.uplink.pump(29_999);
    expect(terminal.takeSent()).toEqual([]);
  });
});

describe("An acknowledgement", () => {
  it("is not answered, and is told to the app once", () => {
    const terminal = createConnected(3);
    terminal.nowMs = 9;
    terminal.hear({ id: 1, do: "acknowledge", seq: 2 });
    terminal.hear({ id: 2, do: "acknowledge", seq: 2 });
    expect(terminal.takeSent()).toEqual([]);
    expect(terminal.asked).toEqual(["acknowledged at 9"]);
    expect(terminal.ledger.acknowledged()).toBe(2);
  });

  it.each([[2], [0], [-1], [4], [1e9], [2.5], ["3"], [null], [undefined], [[3]], [{}], [true]])(
    "of %j, where 2 of 3 are acknowledged, changes nothing",
    (seq) => {
      const terminal = createConnected(3);
      terminal.hear({ do: "acknowledge", seq: 2 });
      terminal.asked.length = 0;
      terminal.hear({ do: "acknowledge", seq });
      expect(terminal.ledger.acknowledged()).toBe(2);
      expect(terminal.asked).toEqual([]);
      terminal.append(1);
      terminal.uplink.pump(0);
      expect(sequencesOf(terminal.takeSent())).toEqual([4]);
    },
  );
});

describe("An acknowledgement that the host has not signed", () => {
  const { start } = createConnected(3);
  const text = (forStart = start, seq = 2): string => JSON.stringify({ do: "acknowledge", start: forStart, seq });
  const good = envelopeOf(text());

  it.each<[what: string, message: Message, error: string]>([
    ["at all", { do: "acknowledge", start, seq: 2 }, "unsigned"],
    ["with this key", envelopeOf(text(), Buffer.alloc(32, 1)), "badMac"],
    ["for this number", { ...good, signed: text(start, 3) }, "badMac"],
    ["for this start", { ...good, signed: text(1) }, "badMac"],
    ["with a whole MAC", { ...good, mac: `${good.mac}`.slice(0, 43) }, "badMac"],
    ["with a MAC that is a text", { ...good, mac: 1 }, "badMac"],
  ])("%s lets no record go, and is refused and told", (_, message, error) => {
    const terminal = createConnected(3);
    terminal.hearPlain(message);
    expect(terminal.ledger.acknowledged()).toBe(0);
    expect(terminal.asked).toEqual([`record ${RecordType.Refused}: ${error} 1`]);
    expect(terminal.takeSent()[0]).toEqual({ answer: null, error });
    terminal.nowMs = LOST_MS;
    terminal.uplink.pump(LOST_MS);
    expect(terminal.asked.at(-1), "nor is it a sign of the host").toBe(`lost at ${LOST_MS}`);
    terminal.hearPlain(good);
    expect(terminal.ledger.acknowledged()).toBe(2);
  });

  it("for this start, but for the one before, is refused without a record: the host may not know yet", () => {
    const terminal = createConnected(1);
    terminal.hearPlain(envelopeOf(text(1, 1)));
    expect([terminal.takeSent(), terminal.asked]).toEqual([[{ answer: null, error: "otherStart" }], []]);
  });

  it("again, but once, counts once, and takes no number of a command", () => {
    const terminal = createConnected(3);
    for (let i = 0; i < 3; i++) terminal.hearPlain(good);
    terminal.hearPlain({ id: 9, ...envelopeOf(JSON.stringify({ do: "restart", by: "1", n: 1001, start })) });
    expect(terminal.takeSent()).toEqual([{ answer: 9, result: "ok" }]);
    expect(terminal.asked).toEqual(["acknowledged at 0", "restart undefined at 0"]);
  });
});

describe("What was signed for an earlier start", () => {
  const acknowledgement = (start: number, seq: number): Message => envelopeOf(JSON.stringify({ do: "acknowledge", start, seq }));
  const card = (start: number, n: number): Message => ({ id: 7, ...envelopeOf(JSON.stringify({ do: "card", staff: "1024", n, start })) });

  /** Nothing of what was signed before counts. */
  function refusesAll(terminal: Terminal, messages: readonly Message[]): void {
    const before = [terminal.ledger.acknowledged(), terminal.asked.filter((words) => !words.startsWith("record"))];
    terminal.takeLines();
    for (const message of messages) terminal.hearPlain(message);
    expect([terminal.ledger.acknowledged(), terminal.asked.filter((words) => !words.startsWith("record"))]).toEqual(before);
    expect(terminal.takeSent().filter((message) => "answer" in message)).toEqual(
      messages.map(() => expect.objectContaining({ error: "otherStart" })),
    );
  }

  it("is refused after a restart, also where the chip gives the same random numbers again", () => {
    const terminal = createConnected(2);
    const signed = [acknowledgement(terminal.start, 2), card(terminal.start, 1001), card(terminal.start, 2999)];
    terminal.restart();
    terminal.append(1);
    refusesAll(terminal, signed);
  });

  it("is refused where flash was restored from a copy: the terminal keeps records that have the numbers of others", () => {
    const terminal = createConnected(2);
    const copy = terminal.chip.bytes.slice();
    terminal.random = 1;
    terminal.restart();
    terminal.append(3);
    const signed = [acknowledgement(terminal.start, 5), card(terminal.start, 3001)];
    terminal.chip.bytes.set(copy);
    terminal.random = 2;
    terminal.restart();
    terminal.append(3);
    expect(terminal.ledger.last()).toBe(5);
    refusesAll(terminal, signed);
  });

  it("is refused after a wipe, where the chip gives the same random numbers again: numbers of a start depend on the log", () => {
    const terminal = createConnected(1);
    const { start } = terminal;
    const other = createTerminal(RING, LOG + 1);
    other.append(1);
    other.restart();
    other.setLink(true);
    expect(other.start).not.toBe(start);
    refusesAll(other, [acknowledgement(start, 1), card(start, 1001)]);
  });
});

describe("Over a link that loses, repeats, turns round and damages lines", () => {
  /** The fate of a line. */
  const fate = fc.oneof(
    { weight: 6, arbitrary: fc.constant("arrives" as const) },
    { weight: 3, arbitrary: fc.constantFrom("lost" as const, "twice" as const, "late" as const, "damaged" as const) },
  );
  const happening = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant("exchange" as const), fates: fc.array(fate, { minLength: 1, maxLength: 12 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(6000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("catchUp" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("linkDown" as const, "linkUp" as const, "restart" as const) }) },
  );

  it.each([
    ["a ring of three pages", RING],
    ["one page", { pageCount: 1, pageBytes: 1024, alignBytes: 4 }],
  ])("the host has every record exactly once in the end, from %s", (_, geometry) => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60, size: "max" }), (happenings) => {
        const terminal = createTerminal(geometry);
        const table = new Map<number, string>();
        const written: string[] = [];
        /** Lines that are late come with the next exchange. */
        let late: string[] = [];

        /** The host stores new records, and acknowledges the number up to which it has every record. */
        function hostHears(line: string, answer: (line: string) => void): void {
          const message = decodeLine(line, crcOf);
          if (!message || !("seq" in message)) return;
          const sequence = message.seq as number;
          if (message.lost && !table.has(sequence)) throw new Error(`record ${sequence} is told as lost, and the host does not have it`);
          if (!table.has(sequence)) table.set(sequence, message.record as string);
          else if (!message.lost && table.get(sequence) !== message.record) throw new Error(`record ${sequence} is another than before`);
          let upTo = 0;
          while (table.has(upTo + 1)) upTo++;
          if (upTo > 0) answer(encodeLine(envelopeOf(JSON.stringify({ do: "acknowledge", start: terminal.start, seq: upTo })), crcOf));
        }

        function exchange(fates: readonly string[]): void {
          let place = 0;
          const passOn = (line: string, receive: (line: string) => void): void => {
            const becomes = fates[place++ % fates.length];
            if (becomes === "damaged") receive(`${line.slice(0, 9)}${line.charAt(9) === "1" ? "2" : "1"}${line.slice(10)}`);
            if (becomes === "arrives" || becomes === "twice") receive(line);
            if (becomes === "twice") receive(line);
            if (becomes === "late") late.push(line);
          };
          const coming = [...late, ...terminal.takeLines()];
          late = [];
          const toTerminal: string[] = [];
          for (const line of coming) {
            if (line.startsWith('{"signed"')) toTerminal.push(line);
            else passOn(line, (arrived) => hostHears(arrived, (answer) => toTerminal.push(answer)));
          }
          for (const line of toTerminal) passOn(line, (arrived) => terminal.hearLine(arrived));
        }

        /** For a while everything arrives. */
        function catchUp(): void {
          terminal.setLink(true);
          for (let i = 0; terminal.ledger.acknowledged() < terminal.ledger.last(); i++) {
            if (i > 200) throw new Error(`stuck at ${terminal.ledger.acknowledged()} of ${terminal.ledger.last()}`);
            terminal.nowMs += 5000;
            terminal.uplink.pump(terminal.nowMs);
            exchange(["arrives"]);
          }
        }

        for (const happens of happenings) {
          if (happens.do === "append") {
            for (let i = 0; i < happens.count; i++) {
              const before = terminal.ledger.last();
              terminal.append(1);
              const sequence = terminal.ledger.last();
              if (sequence > before) written[sequence] = terminal.stored(sequence);
            }
            terminal.uplink.pump(terminal.nowMs);
          } else if (happens.do === "exchange") exchange(happens.fates);
          else if (happens.do === "catchUp") catchUp();
          else if (happens.do === "wait") {
            terminal.nowMs += happens.ms;
            terminal.uplink.pump(terminal.nowMs);
          } else if (happens.do === "restart") {
            terminal.isConnected = false;
            terminal.restart();
            terminal.setLink(true);
          } else terminal.setLink(happens.do === "linkUp");
        }
        catchUp();
        expect([...table.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: terminal.ledger.last() }, (_, i) => i + 1));
        for (const [sequence, record] of table) expect(record).toBe(written[sequence]);
      }),
      { numRuns: 150 },
    );
  });
});
