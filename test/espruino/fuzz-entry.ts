// biome-ignore-all lint/suspicious/noExplicitAny: the entry's types are not checked, as it is compiled alone.
// biome-ignore-all lint/complexity/useLiteralKeys: the names in quotes are those that the build must not change.
// biome-ignore-all lint/style/useTemplate: as in the firmware.
// Entry of a program for the interpreter, minified like the firmware: everything on a board that reads what a host sends, from the line reader to the checks of a
// command's fields. It reads the file `messages`, four lines a message: whether the terminal is a fresh one, the text, the id of a command that it has to sign, and
// what is spoilt then. It writes to the file `progress`: the number of each message before it is tried, so that a crash names it, everything that went wrong, and
// what memory every terminal has left behind.

import { createHostCommands } from "../../firmware/app/host-commands.js";
import { unconfigured } from "../../firmware/config/config.js";
import { openSlots } from "../../firmware/config/slots.js";
import { openLedger } from "../../firmware/ledger/ledger.js";
import { signIn } from "../../firmware/terminal/duty.js";
import { createState } from "../../firmware/terminal/state.js";
import { step } from "../../firmware/terminal/step.js";
import { lineOf } from "../../firmware/uplink/codec.js";
import { createGuard } from "../../firmware/uplink/command-authentication.js";
import { startUplink } from "../../firmware/uplink/uplink.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";

declare function print(text: string): void;

const progress = (E as any).openFile("progress", "w");
const write = (text: string): void => progress.write(text + "\n");

const native: any = {
  crc32: E.CRC32,
  sha256: (data: Uint8Array) => new Uint8Array((require as any)("crypto").SHA256(data)),
  toBytes: E.toUint8Array,
  toBase64: btoa,
  fromBase64: atob,
  random32: () => 1,
};
/** Nothing outside the firmware can be imported here. */
const CLERK = {
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
};
const PAGE_BYTES = 1024;
const PAGES = 2;
const SLOT_PAGES = 2;

let keyText = "k";
while (keyText.length < 128) keyText += keyText;

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
  const ledger = openLedger(hal, keyText, (word) => word("fuzz"));
  const state = createState(unconfigured());
  const append: any = (type: number, fields: unknown[]) => {
    const json = JSON.stringify(fields);
    return ledger.append(type as any, ++atMs, 0, json.substr(1, json.length - 2)) === "ok";
  };
  const slots = openSlots(hal, ledger, { addPictures: () => undefined } as any);
  signIn(state, CLERK as any, CLERK.badge, atMs);
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
    /** The message with a command in an envelope with a right signature. */
    sign(command: string, id: string): string {
      const text = command
        .split("@n")
        .join("" + (guard.newest() + 1))
        .split("@start")
        .join("" + guard.start);
      return '{"id":' + id + ',"signed":"' + text.split('"').join('\\"') + '","mac":"' + btoa(ledger.mac("command:" + text)) + '"}';
    },
  };
  return terminal;
}

/** Gives the terminal a message in two chunks, and a good line behind it. The good one has to be answered. */
function tryOut(terminal: any, text: string, count: number): string {
  const good = '{"id":"good' + count + '","do":"waiting","count":2}';
  const bytes = lineOf(text, native.crc32) + "\n" + lineOf(good, native.crc32) + "\n";
  const cut = (count * 7919) % bytes.length;
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

const file = (E as any).openFile("messages", "r");
let pending = "";
function nextLine(): string {
  let end = pending.indexOf("\n");
  while (end < 0) {
    pending += file.read(1024) || "\n";
    end = pending.indexOf("\n");
  }
  const line = pending.substr(0, end);
  pending = pending.substr(end + 1);
  return line;
}

let terminal: any;
let count = 0;
/** Variables that nothing refers to and that the interpreter keeps all the same. They are lost until the next start. */
function writePinned(): void {
  terminal = undefined;
  write("pinned " + ((process as any).memory().usage - (E as any).getSizeOf(global)));
}
for (let kind = nextLine(); kind; kind = nextLine()) {
  let text = nextLine();
  const id = nextLine();
  const spoilt = nextLine().split(" ");
  write("message " + count);
  if (kind === "fresh") {
    // A small interpreter has no room for two of them.
    writePinned();
    terminal = startTerminal();
  }
  if (id) text = terminal.sign(text, id);
  if (spoilt.length > 2) {
    const at = Math.floor(((spoilt[0] as any) * text.length) / 1000);
    text = text.substr(0, at) + spoilt.slice(2).join(" ") + text.substr(at + +(spoilt[1] as any));
  }
  const problem = tryOut(terminal, text, count) || changed();
  if (problem) write("problem " + JSON.stringify({ "problem": problem, "input": text }));
  count++;
}

writePinned();
write("end " + count);
progress.close();
print("the fuzz has ended");
