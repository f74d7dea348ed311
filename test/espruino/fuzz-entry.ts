// biome-ignore-all lint/suspicious/noExplicitAny: the entry's types are not checked, as it is compiled alone.
// biome-ignore-all lint/complexity/useLiteralKeys: the names in quotes are those that the build must not change.
// biome-ignore-all lint/style/useTemplate: as in the firmware.
// Entry of a program for the interpreter, minified like the firmware: everything on a board that reads what a host sends, from the line reader to the checks of a
// command's fields. The program makes its inputs itself, because any transport would be slower than what it tests. It writes to the file `progress`: the seed of each
// batch before the batch begins, so that a crash names its input, and everything that went wrong.

import { createHostCommands } from "../../firmware/app/host-commands.js";
import { unconfigured } from "../../firmware/config/config.js";
import { openSlots } from "../../firmware/config/slots.js";
import { openLedger } from "../../firmware/ledger/ledger.js";
import { signIn } from "../../firmware/terminal/duty.js";
import { createState } from "../../firmware/terminal/state.js";
import { step } from "../../firmware/terminal/step.js";
import { lineOf, parseMessage } from "../../firmware/uplink/codec.js";
import { createGuard } from "../../firmware/uplink/command-authentication.js";
import { startUplink } from "../../firmware/uplink/uplink.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";

/** The seed of the first batch, the number of batches and of inputs in each, whether each input is written down, and inputs that come first. */
const fuzz = JSON.parse((require as any)("fs").readFileSync("fuzz.json")) as {
  "seed": number;
  "batches": number;
  "inputs": number;
  "isVerbose": boolean;
  "cases": string[];
};

declare function print(text: string): void;

const progress = (E as any).openFile("progress", "w");
const write = (text: string): void => progress.write(text + "\n");

/** xorshift32 (Marsaglia 2003). */
let seed = 1;
function below(limit: number): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % limit;
}
function pick(from: any): any {
  return from[below(from.length)];
}

let filler = "0123456789abcdef";
while (filler.length < 512) filler += filler;
function times(part: string, count: number): string {
  let text = part;
  while (text.length < part.length * count) text += text;
  return text.substr(0, part.length * count);
}

/** Keys that an object has already, or that the interpreter treats in its own way. */
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "length",
  "toString",
  "valueOf",
  "toJSON",
  "hasOwnProperty",
  "__defineGetter__",
  "caller",
  "arguments",
  "this",
  "id",
  "do",
  "mac",
  "signed",
  "seq",
  "start",
  "n",
  "at",
  "",
  "0",
  "-1",
  "4294967295",
  "a b",
  "__proto",
  "_proto__",
];
const COMMANDS = [
  "invite",
  "cancel",
  "open",
  "finish",
  "waiting",
  "time",
  "pause",
  "resume",
  "signOut",
  "approve",
  "neighbour",
  "emergency",
  "duplicateBadge",
  "card",
  "void",
  "totals",
  "resend",
  "restart",
  "unlock",
  "selfTest",
  "replace",
  "piece",
  "commit",
  "acknowledge",
  "sing",
];
const FIELDS = [
  "transaction",
  "count",
  "unix",
  "reason",
  "by",
  "counter",
  "state",
  "text64",
  "staff",
  "grade",
  "seq",
  "row",
  "what",
  "bytes",
  "sha256",
  "at",
  "data",
  "start",
  "n",
  "id",
];
const NUMBERS = [
  "0",
  "-0",
  "1",
  "8",
  "288",
  "1e3",
  "1E-3",
  "0.5",
  "4.5",
  "-1",
  "9999",
  "10000",
  "65536",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "4294967295",
  "4294967296",
  "1772411403",
  "9007199254740993",
  "1e308",
  "1e309",
  "-1e309",
  "1e-400",
  "00",
  "01",
  "0x10",
  "0b1",
  "0o7",
  "1.",
  ".5",
  "1e",
  "1e+",
  "--1",
  "+1",
  "1e999999999999999999999",
  "0.00000000000000000000000000000000000000000000000000001",
  "NaN",
  "Infinity",
  "-Infinity",
  "1n",
  "1_0",
];
const WORDS = [
  '"T-2041"',
  '"1024"',
  '"9001"',
  '"phone"',
  '"open"',
  '"config"',
  '"roster"',
  '"pictures"',
  '"2026-03 1024"',
  '"constructor"',
  '"toString"',
  '"length"',
  '"hasOwnProperty"',
  '""',
  '" "',
  '"13912345678"',
  '"5b0=5b0=5b0="',
  '"6K+35LuO5a6J5YWo"',
  '"===="',
  '"A"',
  '"AAAAAAAAAAA="',
  '"/+8"',
  '"a\\"b"',
  '"\\""',
  '"\\\\"',
  '"\\n"',
  '"\\u005f"',
  '"\\ud800"',
  '"\\u0000"',
  '"\\x41"',
  '"\\u"',
  '"\\u12"',
  '"\\',
  "'a'",
  "`a`",
  '"unterminated',
  '"__proto__"',
  '"__pro\\u0074o__"',
  '"\\u005f_proto__"',
];
/** What JSON consists of, and what the interpreter's own reader also knows. */
const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "true",
  "false",
  "null",
  "undefined",
  "tru",
  "nul",
  '"',
  '\\"',
  "\\",
  "'",
  "/",
  "//",
  "/*",
  "*/",
  "/a/",
  "-",
  "+",
  "e",
  ".",
  "(",
  ")",
  "=>",
  "function",
  "new",
  "var a",
  ";",
  "#",
  "`",
  "${",
  "...",
  "?.",
  "\t",
  "\r",
  " ",
  "\x00",
  "\x7f",
  "\x80",
  "\xff",
  "@",
  "\u00e2\u0080\u00a8",
];

function value(depth: number): string {
  const kind = below(12);
  if (kind < 3) return pick(NUMBERS);
  if (kind < 6) return pick(WORDS);
  if (kind === 6) return pick(["true", "false", "null", "undefined", "{}", "[]", "[null]", "[[]]", '{"toString":1}', '{"length":1}', '[",",","]']);
  if (kind === 7) return pick(["-", ""]) + times(pick(["9", "1", "0"]), 1 + below(450)) + pick(["", ".5", "e9", "e-9"]);
  if (kind === 8) return '"' + filler.substr(0, below(450)) + '"';
  if (kind === 9) return pick(TOKENS);
  if (depth > 3) return "0";
  if (kind === 10) return object(depth + 1);
  return "[" + value(depth + 1) + "," + value(depth + 1) + "]";
}
function object(depth: number): string {
  let text = "{";
  for (let i = below(3); i >= 0; i--) text += '"' + pick(KEYS) + '":' + value(depth) + (i ? "," : "");
  return text + "}";
}

/** A command with some of its fields, right and wrong ones. */
function command(extra: string): string {
  let text = '{"do":' + (below(16) ? '"' + pick(COMMANDS) + '"' : value(0));
  for (let i = below(5); i > 0; i--) text += ',"' + (below(8) ? pick(FIELDS) : pick(KEYS)) + '":' + value(1);
  return text + extra + "}";
}

/** The text with a token in place of a few characters. */
function spoilt(text: string): string {
  const at = below(text.length);
  return text.substr(0, at) + (below(4) ? pick(TOKENS) : "") + text.substr(at + below(4));
}

/** A token in a message of a length around those of the buffers, or somewhere in between. */
function fitted(): string {
  const token = below(2) ? pick(TOKENS) : value(2);
  const length = pick([495, 496, 497, 498, 499, 500, 501, 502, 503, 504, 505, 509, 510, 511, 512, 513, 514, 520, below(500)]);
  const kind = below(5);
  if (kind === 0) return times(token, Math.ceil(length / token.length)).substr(0, length);
  const head = kind === 1 ? '{"id":"' : kind === 2 ? '{"' : kind === 3 ? "{" : '{"id":1,"do":"waiting","count":';
  const tail = kind === 1 ? '"' + token + "}" : kind === 2 ? '":' + token + "}" : kind === 3 ? '"a":' + token + "}" : token + "}";
  const room = length - head.length - tail.length;
  return head + (room <= 0 ? "" : kind < 3 ? filler.substr(0, room) : times(kind === 3 ? " " : "9", room)) + tail;
}

function nested(): string {
  const part = pick(["[", '{"a":', "[[", '{"":[', "[0,", "{", "(", '{"__proto__":', '{"constructor":', "-", "!"]);
  const count = below(Math.floor(503 / part.length));
  const close = part === "[" ? "]" : part === '{"a":' || part === '{"constructor":' ? "}" : "";
  const depth = close ? Math.min(count, Math.floor(490 / (part.length + 1))) : count;
  return (below(3) ? "" : '{"do":') + times(part, depth) + (below(2) ? "0" : "") + (close && below(4) ? times(close, depth) : "");
}

const native: any = {
  crc32: E.CRC32,
  sha256: (data: Uint8Array) => new Uint8Array((require as any)("crypto").SHA256(data)),
  toBytes: E.toUint8Array,
  toBase64: btoa,
  fromBase64: atob,
  random32: () => 1,
};
const PAGE_BYTES = 1024;
const PAGES = 2;
const SLOT_PAGES = 2;

/** A terminal without anything to see or to hear. Its link keeps the newest answer. */
function startTerminal(): any {
  const memory = new Uint8Array(PAGE_BYTES * (PAGES + SLOT_PAGES)).fill(255);
  let listener: any;
  let atMs = 1000;
  const hal: any = {
    flash: {
      pageBytes: PAGE_BYTES,
      pageCount: PAGES,
      slotPages: SLOT_PAGES,
      alignBytes: 4,
      read: (offset: number, length: number) => new Uint8Array(memory.slice(offset, offset + length)),
      write(offset: number, data: Uint8Array) {
        if (!(offset >= 0) || offset % 4 || data.length % 4 || offset + data.length > memory.length)
          throw new Error("flash: " + offset + " " + data.length);
        memory.set(data, offset);
        return "ok";
      },
      erase(page: number) {
        memory.fill(255, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
        return "ok";
      },
    },
    store: {
      read: (name: string) =>
        name === "roster"
          ? "00000000\nW26:0F0F0F\t9001\tA\tB\tsupervisor\t0\t0\t\t\t\t0\nW26:0F0F0A\t9002\tA\tB\tmaintainer\t0\t0\t\t\t\t0\n"
          : undefined,
    },
    link: {
      start(_: unknown, to: unknown) {
        listener = to;
      },
      send(_: unknown, text: string) {
        if (text.length > 503) throw new Error("a message of " + text.length + " bytes");
        terminal.answer = text;
        return "sent";
      },
    },
    clock: { nowMs: () => ++atMs },
    restart: () => undefined,
    unlock: () => undefined,
  };
  for (const name in native) hal[name] = native[name];
  const ledger = openLedger(hal, times("k", 128), (word) => word("fuzz"));
  const state = createState(unconfigured());
  const append: any = (type: number, fields: unknown[]) => {
    const json = JSON.stringify(fields);
    return ledger.append(type as any, ++atMs, 0, json.substr(1, json.length - 2)) === "ok";
  };
  const slots = openSlots(hal, ledger, { addPictures: () => undefined } as any);
  signIn(
    state,
    {
      badge: "W26:1A2B3C",
      number: "1024",
      name: "A",
      post: "B",
      role: "clerk",
      isParty: false,
      stars: 0,
      from: "",
      until: "",
      counters: "",
      isRevoked: false,
    },
    "W26:1A2B3C",
    atMs,
  );
  for (let i = 0; i < 3; i++) append(2, ["1024", "W26:1A2B3C", ""]);
  const guard = createGuard(hal, ledger, true, append);
  const screen: any = { objectionTo: (text: string) => (text.length > 60 ? "tooLong" : "") };
  const rows: Record<string, number[]> = { "2026-03 1024": [0, 1] };
  const commands = createHostCommands({
    hal,
    screen,
    slots,
    state,
    ledger,
    checkpoint: { countTotals: () => ({ since: 1, rows, problem: "", counted: ["1024", 0, 4] }) } as any,
    append,
    recallIds: () => undefined,
    alert: () => undefined,
    handle: (event: any) => void step(state, event),
  });
  startUplink({
    hal,
    config: {} as any,
    lostMs: 60000,
    ledger,
    identity: {},
    guard,
    onCommand: commands.carryOut,
    onAcknowledged: () => undefined,
    onHeard: () => undefined,
    onLost: () => undefined,
  });
  const terminal: any = {
    answer: "",
    hear: createLineReader((text) => listener.onMessage(text), hal.crc32),
    /** A command in an envelope with a right signature. */
    sign(): string {
      const text = command(',"n":' + (guard.newest() + 1) + ',"start":' + guard.start)
        .split('\\"')
        .join("'");
      return (
        '{"id":' +
        (below(4) ? below(999) : value(1)) +
        ',"signed":"' +
        text.split('"').join('\\"') +
        '","mac":"' +
        btoa(ledger.mac("command:" + text)) +
        '"}'
      );
    },
  };
  return terminal;
}

function input(terminal: any): string {
  const kind = below(16);
  if (kind < 3) return fitted();
  if (kind < 5) return nested();
  if (kind < 8) return command(below(2) ? ',"id":' + value(1) : "");
  if (kind < 11) return terminal.sign();
  if (kind < 13) return spoilt(below(2) ? command("") : terminal.sign());
  if (kind === 13) return object(0);
  if (kind === 14)
    return (
      '{"id":1,"signed":"' +
      pick([command(""), nested(), fitted()])
        .split('"')
        .join('\\"') +
      '","mac":"AAAA"}'
    );
  return value(0);
}

/** Inputs like each that the whole terminal gets. Only the decoder gets these, because that is ten times as fast. */
const RELATIVES = 9;

/** Gives the terminal a message in two chunks, and a good line behind it. The good one has to be answered. */
function tryOut(terminal: any, text: string): string {
  const good = '{"id":"good' + below(1000000) + '","do":"waiting","count":2}';
  const bytes = lineOf(text, native.crc32) + "\n" + lineOf(good, native.crc32) + "\n";
  const cut = below(bytes.length);
  terminal.answer = "";
  try {
    terminal.hear(bytes.substr(0, cut));
    terminal.hear(bytes.substr(cut));
  } catch (error) {
    return "uncaught " + ((error as Error).message || error);
  }
  const wanted = '{"answer":"' + good.substr(7, good.indexOf('"', 7) - 7) + '"';
  if (terminal.answer.substr(0, wanted.length) !== wanted) return "the good line behind it has no answer, but " + terminal.answer;
  return "";
}

/** Whether something of the language has been changed by what was read. */
function changed(): string {
  const fresh: any = {};
  for (const name in fresh) return "every object has " + name;
  return fresh["a"] !== undefined || fresh["id"] !== undefined || "" + [1, 2] !== "1,2" ? "objects have changed" : "";
}

function attempt(terminal: any, text: string): void {
  if (fuzz["isVerbose"]) write("input " + JSON.stringify(text));
  const problem = tryOut(terminal, text) || changed();
  if (problem) write("problem " + JSON.stringify({ "problem": problem, "input": text }));
}

for (let i = 0; i < fuzz["cases"].length; i++) {
  write("case " + i);
  attempt(startTerminal(), fuzz["cases"][i] as string);
}
for (let batch = 0; batch < fuzz["batches"]; batch++) {
  seed = (fuzz["seed"] + batch * 7919) | 0 || 1;
  write("batch " + (seed >>> 0));
  const terminal = startTerminal();
  for (let i = 0; i < fuzz["inputs"]; i += RELATIVES + 1) {
    const text = input(terminal);
    attempt(terminal, text);
    for (let j = 0; j < RELATIVES; j++) {
      const relative = below(2) ? text.substr(0, below(text.length)) + pick(TOKENS) : spoilt(text);
      if (fuzz["isVerbose"]) write("input " + JSON.stringify(relative));
      parseMessage(relative);
    }
  }
}
write("end " + JSON.stringify((process as any).memory().usage));
print("the fuzz has ended");
