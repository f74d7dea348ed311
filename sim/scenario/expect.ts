// Checks the expectations of a scenario against the picture, the lamps, the sounds, the flash and the received messages, and says in words what differs.

import { PHRASES } from "../../firmware/display/phrases.js";
import { type LedgerImage, type LedgerRecord, readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { checkTotals, totalsOf } from "../../firmware/tools/ledger/totals.js";
import { SegmentPanel } from "../world/segments.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import type { LampName, World } from "../world/world.js";
import type { ScenarioHost } from "./host.js";
import type { Check } from "./scenario.js";
import type { RecordPattern } from "./schema.js";
import { readScreen } from "./screen.js";
import { soundsOf, tonesFrom } from "./sounds.js";

export interface Problem {
  readonly line: number;
  readonly message: string;
}

export interface Expecter {
  /** Checks one `expect` step. The next one looks at the events behind it. */
  check(checks: readonly Check[]): Problem[];
  /**
   * The failures at the end of a scenario. Every scenario must end with a ledger that verifies and has all records that the host has received, and without a
   * broken line on the link.
   * @param isTampered whether somebody tampered with the ledger. Then only the expectation `ledger` checks it
   */
  checkEnd(isTampered: boolean): string[];
}

export function createExpecter(world: World, host: ScenarioHost): Expecter {
  let seenTrace = 0;
  let seenMessages = 0;
  let seenSequence = 0;
  let seenLog: number | undefined;

  function ledger(): LedgerImage {
    return readFlashImage(world.flash.bytes, world.flash.geometry);
  }

  /** The ledger, checked with the device key and against what the host has received of it. */
  function checkedLedger(): LedgerImage {
    return readFlashImage(world.flash.bytes, world.flash.geometry, { key: SIMULATED_KEY, head: host.headOf(ledger().logId) });
  }

  function checkLedger(wanted: "ok" | readonly string[]): string[] {
    const { problems } = checkedLedger();
    const found = problems.map(({ words }) => words);
    const texts = wanted === "ok" ? [] : wanted;
    if (found.length === texts.length && texts.every((text, i) => found[i]?.includes(text))) return [];
    const all = found.length > 0 ? found.map((words) => `    ${words}`).join("\n") : "    nothing";
    return [`ledger: expected ${wanted === "ok" ? wanted : listed(texts.map((text) => `"${text}"`))}; wrong with it is\n${all}`];
  }

  function checkOne(check: Check): string[] {
    switch (check.name) {
      case "display":
        return check.wanted === "dark" ? checkDark() : checkTexts(check.wanted, true);
      case "not-display":
        return checkTexts(check.wanted, false);
      case "lamp":
        return Object.entries(check.wanted).flatMap(([lamp, wanted]) => {
          const found = world.lamps[lamp as LampName] ? "lit" : "dark";
          return wanted === undefined || wanted === found ? [] : [`lamp: the ${lamp} light should be ${wanted}, and is ${found}`];
        });
      case "tone": {
        const heard = tonesFrom(world.trace, seenTrace, world.clock.nowMs);
        return isSame(heard, check.wanted)
          ? []
          : [`tone: expected ${listed(check.wanted.map((hz) => `${hz} Hz`))}; heard ${listed(heard.map((hz) => `${hz} Hz`))}`];
      }
      case "volume": {
        const last = world.trace
          .slice(seenTrace)
          .filter((line) => "clip" in line || ("toneHz" in line && line.toneHz > 0))
          .at(-1);
        const found = last && ("volume" in last ? last.volume : 100);
        return check.wanted === found ? [] : [`volume: expected ${check.wanted}; the last sound had ${found ?? "none, because there was no sound"}`];
      }
      case "sound":
        return checkSounds(check.wanted.filter((name) => name !== "none"));
      case "records":
        return checkRecords(check.name, check.wanted, ledger().records);
      case "records-added": {
        const image = ledger();
        const isNewLog = image.logId !== seenLog;
        const added = image.records.filter(({ sequence }) => isNewLog || sequence > seenSequence);
        return checkRecords(check.name, check.wanted, added);
      }
      case "records-total": {
        const { length } = ledger().records;
        return length === check.wanted ? [] : [`records-total: expected ${check.wanted}; there are ${length} in flash`];
      }
      case "totals": {
        const found = totalsOf(ledger().records);
        return contains(found, check.wanted) ? [] : [`totals: expected ${JSON.stringify(check.wanted)}; counted from flash ${JSON.stringify(found)}`];
      }
      case "ledger":
        return checkLedger(check.wanted);
      case "sent":
        return checkSent(check.wanted);
      case "answer":
        return checkAnswer(check.wanted);
      case "power": {
        const found = world.isPowered ? "on" : "off";
        return check.wanted === found ? [] : [`power: should be ${check.wanted}, and is ${found}`];
      }
    }
  }

  function checkDark(): string[] {
    return readScreen(world.panel).isDark ? [] : [`display: should be dark\n${describeScreen([])}`];
  }

  function checkTexts(texts: readonly string[], isWanted: boolean): string[] {
    const name = isWanted ? "display" : "not-display";
    const screen = readScreen(world.panel);
    const problems = texts.flatMap((text) => {
      const missing = screen.missing(text);
      if (missing.length > 0) return [`${name}: no font has "${missing.join("")}", so this display can never show "${text}"`];
      if (screen.shows(text) === isWanted) return [];
      return [`${name}: "${text}" ${isWanted ? "should be" : "should not be"} on the display, and ${isWanted ? "is not" : "is"}`];
    });
    return problems.length > 0 ? [`${problems.join("\n")}\n${describeScreen(texts)}`] : [];
  }

  function describeScreen(asked: readonly string[]): string {
    const screen = readScreen(world.panel);
    if (screen.isDark) return "  The display is dark.";
    const visible = knownTexts(world, asked).filter((text) => screen.shows(text));
    // A text inside another one that is on the panel is left out.
    const whole = visible.filter((text) => !visible.some((other) => other !== text && other.includes(text)));
    if (world.panel instanceof SegmentPanel) return `  On the display: "${world.panel.readText()}"\n${indent(world.panel.toText())}`;
    const picture = indent(world.panel.toText().replace(/\n+$/, ""));
    return `  On the display: ${whole.length > 0 ? whole.map((text) => `"${text}"`).join(", ") : "nothing that could be recognised"}\n${picture}`;
  }

  function checkSounds(wanted: readonly string[]): string[] {
    const heard = soundsOf(world.trace, world.clock.nowMs).filter(({ index }) => index >= seenTrace);
    const isAsWanted = heard.length === wanted.length && heard.every(({ names }, i) => (names as readonly string[]).includes(wanted[i] as string));
    return isAsWanted ? [] : [`sound: expected ${listed(wanted)}; heard ${listed(heard.map(({ text }) => text))}`];
  }

  function checkSent(wanted: "none" | readonly Record<string, unknown>[]): string[] {
    const received = host.messages().slice(seenMessages);
    const all = received.length > 0 ? received.map((message) => `    ${JSON.stringify(message)}`).join("\n") : "    nothing";
    if (wanted === "none") return received.length === 0 ? [] : [`sent: nothing should have been received, and there was\n${all}`];
    let place = 0;
    const missing = wanted.find((pattern) => {
      while (place < received.length && !contains(received[place], pattern)) place++;
      return place++ >= received.length;
    });
    return missing ? [`sent: expected ${JSON.stringify(missing)}, which did not come, or not in this order; the host received\n${all}`] : [];
  }

  function checkAnswer(wanted: string): string[] {
    const last = host
      .messages()
      .slice(seenMessages)
      .filter((message) => "answer" in message)
      .at(-1);
    if (!last) return [`answer: expected ${wanted}; no command was answered`];
    const found = String(last.error ?? last.result);
    return found === wanted ? [] : [`answer: expected ${wanted}; the last command was answered by ${found}`];
  }

  return {
    check(checks) {
      const problems = checks.flatMap((check) =>
        checkOne(check).map((message) => ({ line: check.line, message: `${message}\n  This was at ${world.clock.nowMs} ms.` })),
      );
      seenTrace = world.trace.length;
      seenMessages = host.messages().length;
      const { records, logId } = ledger();
      seenLog = logId;
      seenSequence = records[records.length - 1]?.sequence ?? 0;
      return problems;
    },
    checkEnd(isTampered) {
      host.messages();
      const { problems, records } = checkedLedger();
      const wrong = isTampered ? [] : [...problems.map(({ words }) => words), ...checkTotals(records).problems];
      return [...host.takeProblems(), ...wrong.map((words) => `the ledger is not in order: ${words}`)];
    },
  };
}

function checkRecords(name: string, wanted: readonly RecordPattern[], found: readonly LedgerRecord[]): string[] {
  const count = Math.max(wanted.length, found.length);
  const rows: string[] = [];
  let isRight = true;
  for (let i = 0; i < count; i++) {
    const pattern = wanted[i];
    const record = found[i];
    if (pattern && record && contains(record, pattern)) {
      rows.push(`    ${describeRecord(record)}`);
      continue;
    }
    isRight = false;
    if (pattern) rows.push(`  - ${describePattern(pattern)}`);
    if (record) rows.push(`  + ${describeRecord(record)}`);
  }
  return isRight ? [] : [`${name}: not as expected (- was expected, + was found):\n${rows.join("\n")}`];
}

function describeRecord(record: LedgerRecord): string {
  const { sequence, type, uptimeMs, wallSeconds, backlog, mac: _, ...fields } = record;
  const time = wallSeconds === undefined ? "" : `, wall ${new Date(wallSeconds * 1000).toISOString()}`;
  return `${type} ${JSON.stringify(fields)} (sequence ${sequence}, uptime ${uptimeMs} ms${time}, backlog ${backlog ?? "unknown"})`;
}

function describePattern({ type, ...fields }: RecordPattern): string {
  const named = { ...fields } as Record<string, unknown>;
  if ("wallSeconds" in named) {
    named.wall = named.wallSeconds === undefined ? "unknown" : new Date((named.wallSeconds as number) * 1000).toISOString();
    delete named.wallSeconds;
  }
  return `${type} ${JSON.stringify(named)}`;
}

/** Whether `found` has every part of `wanted`. */
function contains(found: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== "object") return Object.is(found, wanted);
  if (found === null || typeof found !== "object" || Array.isArray(found) !== Array.isArray(wanted)) return false;
  if (Array.isArray(wanted) && wanted.length !== (found as unknown[]).length) return false;
  return Object.entries(wanted).every(([key, value]) => contains((found as Record<string, unknown>)[key], value));
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function listed(items: readonly string[]): string {
  return items.length > 0 ? items.join(", ") : "nothing";
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  | ${line}`)
    .join("\n");
}

/** The texts that this terminal may show: its phrases, its people, and the texts of the scenario. */
function knownTexts(world: World, asked: readonly string[]): string[] {
  const phrases = Object.values(PHRASES).flatMap((table) => Object.values(table).flatMap((text) => text.split(/[|#]/)));
  const people = (world.files.roster?.toString("utf8") ?? "").split("\n").flatMap((line) => {
    const [badge, number, name, post] = line.split("\t");
    return [`${number} ${name}`, badge, number, name, post];
  });
  return [...new Set([...asked, ...phrases, ...people])].filter((text): text is string => text !== undefined && text.trim() !== "");
}
