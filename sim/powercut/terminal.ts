// Plays a day on a whole terminal, and cuts the power in every write and erase of it. Afterwards people must see what they saw before: the same clerk is on
// duty, a citizen who was asked is asked again, and the host has each rating that somebody was thanked for, once.

import type { Board } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import type { LedgerRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { parseSite, type StoreFiles } from "../../firmware/tools/provision/site.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import type { KeyName } from "../../hal/keys.js";
import { type Cut, cutsOf, type FlashOperation, nameOfCut } from "../chips/cut-models.js";
import { nodeEngine } from "../engines/node.js";
import { contentsOf } from "../scenario/files.js";
import { readScreen } from "../scenario/screen.js";
import { crc32 } from "../world/native.js";
import { Signer } from "../world/signer.js";
import { World } from "../world/world.js";
import { readImage, readOne } from "./device.js";
import { type Ring, ringOf } from "./geometries.js";
import { Counting, type OnProgress, type Proof } from "./proof.js";

const FIRST = { badge: "W26:1A2B3C", number: "1024" };
const SECOND = { badge: "W26:2C4D5E", number: "00010" };
const SITE = parseSite(
  `
counters: [{ version: 1, device: sim-08, counter: "8" }]
people:
  - { badge: "${FIRST.badge}", number: "${FIRST.number}", name: 王小明, post: 综合受理, role: clerk }
  - { badge: "${SECOND.badge}", number: "${SECOND.number}", name: 欧阳静怡, post: 社会保障, role: clerk }
`,
  "site",
);
/** 2026-03-02, a Monday, 09:00 at the counter. */
const OPENING_SECONDS = Date.UTC(2026, 2, 2, 1) / 1000;
const CITIZEN_KEYS: readonly KeyName[] = ["key5", "key4", "key3", "key2", "key1"];

/** A ring of one page, and one of three, which a day fills more than once. */
export const TERMINAL_RINGS: readonly Ring[] = [ringOf(1, 4096, 4), ringOf(3, 1024, 4)];

function files(): StoreFiles {
  return contentsOf(SITE.counters[0] ?? {}, SITE);
}

/** The content of a picture on the panel. */
interface Seen {
  /** The staff number on the display, "" for nobody on duty, or undefined when it shows something else. */
  readonly duty: string | undefined;
  readonly isAway: boolean;
  readonly isAsking: boolean;
  readonly isThanking: boolean;
}

/** Pictures that were read already, because to read one takes long. */
const pictures = new Map<string, Seen>();

function look(world: World): Seen {
  const key = Buffer.from(world.panel.bytes).toString("latin1");
  let seen = pictures.get(key);
  if (!seen) {
    const screen = readScreen(world.panel);
    const shown = [FIRST.number, SECOND.number].find((number) => screen.shows(number));
    seen = {
      duty: shown ?? (screen.shows("无人在岗") ? "" : undefined),
      isAway: screen.shows("暂时离开"),
      isAsking: screen.shows("请对我的服务"),
      isThanking: screen.shows("谢谢"),
    };
    pictures.set(key, seen);
  }
  return seen;
}

/** One transaction, and what people saw of it. */
interface Matter {
  readonly transaction: string;
  readonly grade: number;
  isThanked: boolean;
}

/** People, a host, and a terminal. */
class Counter {
  readonly world: World;
  /** The faults, as sentences. */
  readonly problems: string[] = [];
  readonly matters: Matter[] = [];
  /** Every record that the host has, by log and number. */
  private readonly table = new Map<string, { readonly bytes: Buffer; readonly record: LedgerRecord }>();
  private current: Matter | undefined;
  private received = 0;
  private lastId = 0;
  private isHostSilent = false;
  /** Number of writes and erases so far. */
  operations = 0;
  private readonly signer = new Signer();

  constructor(ring: Ring) {
    const board: Board = { ...pico, flash: { ...pico.flash, pageBytes: ring.pageBytes, pageCount: ring.pageCount } };
    this.world = new World({ board, engine: nodeEngine, files: files(), isTraced: false });
    this.world.onTrace((line) => {
      if ("flash" in line) this.operations++;
      else if ("sent" in line) this.hear(line.sent);
      else if ("display" in line && this.current && look(this.world).isThanking) this.current.isThanked = true;
    });
  }

  get isOn(): boolean {
    return this.world.isPowered;
  }

  pass(ms: number): void {
    this.world.advanceTo(this.world.clock.nowMs + ms);
    if (!this.isHostSilent) this.acknowledge();
  }

  powerOn(): void {
    this.world.powerOn();
    this.pass(2000);
    this.say({ do: "time", unix: OPENING_SECONDS + Math.floor(this.world.clock.nowMs / 1000) });
    this.pass(1000);
  }

  badge(badge: string): void {
    this.world.presentBadge(badge);
    this.pass(2500);
  }

  tap(key: KeyName): void {
    this.world.setKey(key, true);
    this.pass(150);
    this.world.setKey(key, false);
    this.pass(850);
  }

  say(command: Readonly<Record<string, unknown>>): void {
    this.world.sendFromHost(encodeLine(this.signer.message({ id: ++this.lastId, ...command }), crc32));
  }

  setHostSilent(isSilent: boolean): void {
    this.isHostSilent = isSilent;
    this.pass(6000);
  }

  /** The host asks for a rating. */
  invite(transaction: string, grade: number): void {
    this.current = { transaction, grade, isThanked: false };
    this.matters.push(this.current);
    this.say({ do: "invite", transaction });
    this.pass(3000);
  }

  /** The citizen presses, and is thanked. */
  press(): void {
    this.tap(CITIZEN_KEYS[(this.current?.grade ?? 1) - 1] as KeyName);
    this.pass(4000);
  }

  /** Every record that the host has, of every log. */
  records(): readonly LedgerRecord[] {
    return [...this.table.values()].map(({ record }) => record);
  }

  private hear(line: string): void {
    const message = decodeLine(line, crc32);
    this.signer.hear(message ?? {});
    if (!message) this.problems.push(`the terminal sent a line that is no message: ${line}`);
    if (message?.lost) {
      if (!this.table.has(`${message.log}/${message.seq}`))
        this.problems.push(`record ${message.seq} is told as lost, and the host does not have it`);
      this.received = message.seq as number;
    }
    if (!message?.record) return;
    const key = `${message.log}/${message.seq}`;
    const bytes = Buffer.from(message.record as string, "base64");
    const known = this.table.get(key);
    if (known && !known.bytes.equals(bytes)) this.problems.push(`record ${key} has come with other bytes than before`);
    this.table.set(key, { bytes, record: readOne(bytes) });
    this.received = message.seq as number;
  }

  private acknowledge(): void {
    // The terminal sends one window of records at a time.
    for (let before = -1; before !== this.received && this.world.isPowered; ) {
      before = this.received;
      if (before > 0) this.world.sendFromHost(encodeLine(this.signer.acknowledgement(before), crc32));
    }
  }
}

/** One step of the day. */
interface Step {
  readonly name: string;
  readonly act: (counter: Counter) => void;
  /** The staff number on duty behind it. */
  readonly duty: string;
  /** Whether a citizen is asked behind it. */
  readonly isAsking?: boolean;
  /** Whether the clerk has paused. */
  readonly isAway?: boolean;
}

function session(transaction: string, grade: number, duty: string): readonly Step[] {
  return [
    { name: `invite ${transaction}`, act: (counter) => counter.invite(transaction, grade), duty, isAsking: true },
    { name: `press for ${transaction}`, act: (counter) => counter.press(), duty },
  ];
}

const DAY: readonly Step[] = [
  { name: "power on", act: (counter) => counter.powerOn(), duty: "" },
  { name: "badge", act: (counter) => counter.badge(FIRST.badge), duty: FIRST.number },
  ...session("T-1", 5, FIRST.number),
  ...session("T-2", 1, FIRST.number),
  { name: "open a matter", act: (counter) => counter.say({ do: "open", transaction: "T-3" }), duty: FIRST.number },
  { name: "end it without an invite", act: (counter) => counter.say({ do: "finish" }), duty: FIRST.number },
  { name: "invite T-4", act: (counter) => counter.invite("T-4", 4), duty: FIRST.number, isAsking: true },
  { name: "take over", act: (counter) => counter.badge(SECOND.badge), duty: SECOND.number, isAsking: true },
  { name: "press for T-4", act: (counter) => counter.press(), duty: SECOND.number },
  { name: "pause", act: (counter) => counter.tap("pause"), duty: SECOND.number, isAway: true },
  { name: "end the pause", act: (counter) => counter.tap("pause"), duty: SECOND.number },
  { name: "the host is silent", act: (counter) => counter.setHostSilent(true), duty: SECOND.number },
  ...session("T-5", 3, SECOND.number),
  { name: "invite T-6", act: (counter) => counter.invite("T-6", 2), duty: SECOND.number, isAsking: true },
  { name: "an unknown badge", act: (counter) => counter.badge("W34:0BADBEEF"), duty: SECOND.number, isAsking: true },
  { name: "press for T-6", act: (counter) => counter.press(), duty: SECOND.number },
  { name: "the host hears", act: (counter) => counter.setHostSilent(false), duty: SECOND.number },
  { name: "invite T-7", act: (counter) => counter.invite("T-7", 5), duty: SECOND.number, isAsking: true },
  { name: "nobody presses", act: (counter) => counter.pass(40_000), duty: SECOND.number },
  { name: "sign out", act: (counter) => counter.badge(SECOND.badge), duty: "" },
  { name: "the night", act: (counter) => counter.world.powerOff(), duty: "" },
  { name: "the morning", act: (counter) => counter.powerOn(), duty: "" },
  { name: "badge in the morning", act: (counter) => counter.badge(FIRST.badge), duty: FIRST.number },
  ...session("T-8", 5, FIRST.number),
  ...session("T-9", 2, FIRST.number),
  ...session("T-10", 4, FIRST.number),
];

/** The cuts of an operation: a few of each model. */
function fewCutsOf(operation: FlashOperation, bytes: Uint8Array, ring: Ring): readonly Cut[] {
  const all = cutsOf(operation, bytes, ring);
  const models = [...new Set(all.map(({ model }) => model))];
  return models.flatMap((model) => {
    const cuts = all.filter((cut) => cut.model === model);
    const places = model === "units" || model === "prefix" ? [0, Math.floor(cuts.length / 2), cuts.length - 1] : [Math.floor(cuts.length / 2)];
    return places.map((place) => cuts[place] as Cut);
  });
}

export interface TerminalOptions {
  /** Names of the rings. Default: all. */
  readonly rings?: readonly Ring[];
  /** Number of the only operation to cut. Default: all. */
  readonly operation?: number | undefined;
  /** Of each operation one cut in so many is tried, and at least one. Default: 1, all. */
  readonly oneIn?: number | undefined;
  readonly onProgress?: OnProgress;
}

/** Cuts the power in every write and erase of the day. */
export function proveTerminal({ rings = TERMINAL_RINGS, operation: only, oneIn = 1, onProgress }: TerminalOptions = {}): Proof {
  const counting = new Counting("terminal");
  for (const ring of rings) {
    const whole = new Counter(ring);
    for (const step of DAY) step.act(whole);
    const total = whole.operations;
    for (const problem of finish(whole, DAY.length)) counting.fail({ point: `terminal:${ring.name}`, step: "the power stays on", problem });
    for (let number = 0; number < total; number++) {
      if (only !== undefined && only !== number) continue;
      onProgress?.(ring, number, total);
      for (let choice = number % oneIn, choices = choice + 1; choice < choices; choice += oneIn) {
        const tried = tryPoint(ring, number, choice);
        choices = tried.choices;
        const problem = tried.problems.join("; ");
        counting.images++;
        counting.count(ring, tried.cut.model, problem !== "");
        if (problem) counting.fail({ point: `terminal:${ring.name}:${number} (${nameOfCut(tried.cut)})`, step: tried.step, problem });
      }
    }
  }
  return counting.proof();
}

/** @param choice which cut, counted round and round */
function tryPoint(ring: Ring, number: number, choice: number): { choices: number; cut: Cut; step: string; problems: readonly string[] } {
  const counter = new Counter(ring);
  let choices = 1;
  let cut: Cut | undefined;
  counter.world.flash.cutAt({
    operations: number,
    choose(operation, bytes) {
      const cuts = fewCutsOf(operation, bytes, ring);
      choices = cuts.length;
      cut = cuts[choice % cuts.length] as Cut;
      return cut;
    },
  });
  let at = 0;
  while (at < DAY.length && !cut) {
    (DAY[at] as Step).act(counter);
    at++;
  }
  if (!cut) throw new Error(`the day has no operation ${number}`);
  const step = DAY[at - 1] as Step;
  const problems = finish(counter, at);
  return { choices, cut, step: step.name, problems };
}

/** Checks the terminal when the power comes back. @param steps number of steps before; the last one may have been cut */
function finish(counter: Counter, steps: number): readonly string[] {
  const { world, problems } = counter;
  const step = DAY[steps - 1] as Step;
  const before = DAY[steps - 2];
  if (!counter.isOn) {
    counter.setHostSilent(false);
    const asFound = readImage(world.flash.bytes, world.board.flash);
    problems.push(...asFound.problems.map((problem) => `before the start: ${problem}`));
    counter.powerOn();
    if (!counter.isOn) problems.push("it does not start");
    if (look(world).isAway) {
      if (!before?.isAway && !step.isAway) problems.push("it is paused, and nobody has paused it");
      counter.tap("pause");
    } else if (before?.isAway && step.isAway) problems.push("it was paused, and is not any more");
    const seen = look(world);
    const duties = [before?.duty ?? "", step.duty];
    if (!duties.includes(seen.duty ?? "?")) problems.push(`it shows ${seen.duty ?? "something else"}, and ${duties.join(" or ")} was on duty`);
    const current = counter.matters.at(-1);
    const isOver =
      current && counter.records().some((record) => "transaction" in record && record.transaction === current.transaction && isOutcome(record));
    // A citizen who was asked is asked again, or there is an outcome.
    if (before?.isAsking && !seen.isAsking && !isOver)
      problems.push(`${current?.transaction}: the citizen was asked, is not asked again, and there is no outcome`);
    if (seen.isAsking && isOver) problems.push(`${current?.transaction}: the citizen is asked again, and the outcome is there`);
    if (seen.isAsking) counter.press();
    else if (seen.duty === "") counter.badge(FIRST.badge);
    counter.invite("T-last", 5);
    counter.press();
    if (!counter.matters.at(-1)?.isThanked) problems.push("the next citizen is not thanked");
  }
  counter.pass(10_000);
  checkRatings({ problems, matters: counter.matters, records: () => counter.records() });
  const image = readImage(world.flash.bytes, world.board.flash);
  problems.push(...image.problems);
  return problems;
}

function isOutcome(record: LedgerRecord): boolean {
  return record.type === "session" && record.outcome !== "pending";
}

/** Checks that the host has one outcome of each transaction, and the rating of everybody who was thanked. */
function checkRatings({
  problems,
  matters,
  records,
}: {
  problems: string[];
  matters: readonly Matter[];
  records: () => readonly LedgerRecord[];
}): void {
  const sessions = records().flatMap((record) => (record.type === "session" && record.outcome !== "pending" ? [record] : []));
  for (const { transaction, grade, isThanked } of matters) {
    const own = sessions.filter((record) => record.transaction === transaction);
    if (own.length > 1) problems.push(`${transaction} has ${own.length} outcomes`);
    if (isThanked && own[0]?.outcome !== "rated") problems.push(`${transaction}: somebody was thanked, and the rating is not there`);
    if (own[0]?.outcome === "rated" && own[0].grade !== grade) problems.push(`${transaction} was rated ${grade}, and ${own[0].grade} is recorded`);
  }
  const known = new Set(matters.map(({ transaction }) => transaction));
  for (const { transaction } of sessions) if (!known.has(transaction)) problems.push(`nobody was invited for ${transaction}`);
}
