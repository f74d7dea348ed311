// Turns the steps of a file into events: names become contacts, badges become signals, and times become milliseconds.

import type { Board } from "../../firmware/boards/board.js";
import type { Person } from "../../firmware/tools/provision/site.js";
import { suggest } from "../../firmware/tools/provision/suggest.js";
import type { KeyName } from "../../hal/keys.js";
import { BADGE_TEXTS, flipBit, signalOf } from "../world/badges.js";
import type { LinedDocument, Path } from "./document.js";
import { contactEdges } from "./keys.js";
import type { Action, Check, Step } from "./scenario.js";
import { EXPECTATIONS, GRADE_WORDS, STEP_NAMES, STEPS, type StepName, type StepOf } from "./schema.js";

/** Time that a key, or a badge, is held by default, in ms. */
const KEY_HOLD_MS = 120;
const BADGE_HOLD_MS = 150;
/** Time between two reads of a badge that stays at the reader, in ms. */
const BADGE_EVERY_MS = 500;
/** Length of a power cut by default, in ms. */
const AWAY_MS = 2000;

/** The meaning of names in steps. */
export interface Surroundings {
  /** The badge reader of the board. */
  readonly reader: Board["badgeReader"]["driver"];
  /** Whether the ledger is in a memory on SPI. */
  readonly hasMemory: boolean;
  /** Whether the board has a clock chip. */
  readonly hasClock: boolean;
  readonly people: readonly Person[];
  /** Grades of the citizen's keys, from the left, as the configuration has them, valid or not. */
  readonly grades: unknown;
  /** Whether the host has a clock. */
  readonly hasStart: boolean;
}

/**
 * Reads all steps.
 * @returns the valid steps. The faults of the others are noted in the document
 */
export function readSteps(document: LinedDocument, given: readonly unknown[], surroundings: Surroundings): Step[] {
  const { reader, hasMemory, hasClock, people, grades, hasStart } = surroundings;
  const { complain, lineAt } = document;

  function keyOf(name: string, line: number): KeyName {
    if (!(name in GRADE_WORDS)) return name as KeyName;
    const index = Array.isArray(grades) ? grades.indexOf(GRADE_WORDS[name as keyof typeof GRADE_WORDS]) : -1;
    if (index < 0) complain(line, `this counter has no key "${name}": its keys mean ${JSON.stringify(grades)}, from the left`);
    return `key${index + 1}` as KeyName;
  }

  function readable(badge: string, whose: string, line: number): string {
    const { pattern, words } = BADGE_TEXTS[reader];
    if (pattern.test(badge)) return signalOf(reader, badge);
    complain(line, `"${badge}"${whose} is no badge for this board's reader: ${words}`);
    return "";
  }

  function signalFor(badge: string, line: number): string {
    if (/^(W\d|EM:|UID:)/.test(badge)) return readable(badge, "", line);
    const person = people.find(({ name, number }) => name === badge || number === badge);
    if (person) return readable(person.badge, ` of ${person.name}`, line);
    const names = people.flatMap(({ name, number }) => [name, number]);
    complain(
      line,
      `nobody on the roster is called or numbered "${badge}": ${suggest(badge, names)}. A badge that nobody has is written like "W26:ABCDEF"`,
    );
    return "";
  }

  function badgeAction(step: StepOf<"badge">, line: number): Action {
    if (step.every !== undefined && step.hold === undefined) complain(line, "every: how long is the badge held? Add hold");
    const flipped = step["flip-bit"];
    if (typeof step.badge !== "string" && reader !== "wiegand") complain(line, "bits: only a Wiegand reader gets single bits");
    let signal = typeof step.badge === "string" ? signalFor(step.badge, line) : step.badge.bits;
    if (flipped !== undefined && signal !== "") {
      const changed = flipBit(reader, signal, flipped);
      if (changed === undefined) complain(line, `flip-bit: the frame has ${reader === "serial" ? 8 * signal.length : signal.length} bits only`);
      signal = changed ?? signal;
    }
    return { kind: "badge", signal, holdMs: step.hold ?? BADGE_HOLD_MS, everyMs: step.every ?? BADGE_EVERY_MS };
  }

  function keyAction(step: StepOf<"key">, line: number): Action {
    const key = keyOf(step.key, line);
    const holdMs = step.hold ?? KEY_HOLD_MS;
    const pressMs = step.bounce?.press ?? 0;
    const releaseMs = step.bounce?.release ?? 0;
    if (pressMs >= holdMs) complain(line, "bounce: the key is let go before its contact has settled; make hold longer");
    const edges = [...contactEdges(key, true, 0, pressMs), ...contactEdges(key, false, holdMs, releaseMs)];
    return { kind: "keys", edges, lengthMs: holdMs + releaseMs };
  }

  function keysAction(step: StepOf<"keys">, line: number): Action {
    const gapMs = step.gap ?? 0;
    const holdMs = step.hold ?? KEY_HOLD_MS;
    const edges = step.keys.flatMap((name, i) => {
      const key = keyOf(name, line);
      return [...contactEdges(key, true, i * gapMs, 0), ...contactEdges(key, false, i * gapMs + holdMs, 0)];
    });
    // The sort is stable: edges of one millisecond keep the order in which the keys are named.
    edges.sort((a, b) => a.atMs - b.atMs);
    return { kind: "keys", edges, lengthMs: (step.keys.length - 1) * gapMs + holdMs };
  }

  function oneEdge(name: string, isDown: boolean, bounceMs: number, line: number): Action {
    return { kind: "keys", edges: contactEdges(keyOf(name, line), isDown, 0, bounceMs), lengthMs: bounceMs };
  }

  function tamperAction({ tamper: { remove, change, append } }: StepOf<"tamper">): Action | undefined {
    const what = remove === undefined ? (change ?? append) : ({ kind: "remove", sequence: remove } as const);
    return what && { kind: "tamper", what };
  }

  function forgetAction({ forget: { record, page = 0, bits } }: StepOf<"forget">): Action {
    return { kind: "forget", what: { place: record === undefined ? { page } : { record }, bits } };
  }

  function expectAction(step: StepOf<"expect">, path: Path): Action {
    const named = EXPECTATIONS.filter((name) => step.expect[name] !== undefined);
    return { kind: "expect", checks: named.map((name) => ({ name, line: lineAt([...path, "expect", name]), wanted: step.expect[name] }) as Check) };
  }

  function readAction(name: StepName, raw: object, path: Path): Action | undefined {
    const line = lineAt(path);
    const take = <Name extends StepName>(which: Name): StepOf<Name> | undefined => document.read(STEPS[which], raw, path) as StepOf<Name> | undefined;
    switch (name) {
      case "badge": {
        const step = take(name);
        return step && badgeAction(step, line);
      }
      case "key": {
        const step = take(name);
        return step && keyAction(step, line);
      }
      case "keys": {
        const step = take(name);
        return step && keysAction(step, line);
      }
      case "key-down": {
        const step = take(name);
        return step && oneEdge(step["key-down"], true, step.bounce ?? 0, line);
      }
      case "key-up": {
        const step = take(name);
        return step && oneEdge(step["key-up"], false, step.bounce ?? 0, line);
      }
      case "wait": {
        const step = take(name);
        return step && { kind: "wait", ms: step.wait };
      }
      case "host": {
        const step = take(name);
        if (step?.host.time === "now" && !hasStart) complain(line, "time: now is known only when the scenario has a start");
        return step && { kind: "host", says: step.host };
      }
      case "link": {
        const step = take(name);
        return step && { kind: "link", isUp: step.link === "up" };
      }
      case "power": {
        const step = take(name);
        if (step?.away !== undefined && step.power !== "cycle") complain(line, "away: only a cycle has it; write a wait between off and on");
        return step && { kind: "power", change: step.power, awayMs: step.away ?? AWAY_MS };
      }
      case "cut": {
        const step = take(name);
        return step && { kind: "cut", operations: step.cut.operation - 1, bytes: step.cut.bytes };
      }
      case "display": {
        const step = take(name);
        return step && { kind: "display", isConnected: step.display === "connect" };
      }
      case "reader": {
        const step = take(name);
        if (step && reader !== "mfrc522") complain(line, "reader: only an mfrc522 can be missed");
        return step && { kind: "reader", isConnected: step.reader === "connect" };
      }
      case "memory": {
        const step = take(name);
        if (step && !hasMemory) complain(line, "memory: the ledger of this board is in its own chip");
        return step && { kind: "memory", isConnected: step.memory === "connect" };
      }
      case "clock": {
        const step = take(name);
        if (step && !hasClock) complain(line, "clock: this board has no clock chip");
        return step && { kind: "clock", change: step.clock };
      }
      case "disturb": {
        const step = take(name);
        if (step?.disturb === "clock" && !hasClock) complain(line, "disturb: this board has no clock chip");
        if (step?.disturb === "reader" && reader !== "mfrc522")
          complain(line, "disturb: only an mfrc522 has registers and a bus; give a badge with wrong bits");
        return step && { kind: "disturb", part: step.disturb, loses: step.loses };
      }
      case "tamper": {
        const step = take(name);
        return step && tamperAction(step);
      }
      case "forget": {
        const step = take(name);
        return step && forgetAction(step);
      }
      case "expect": {
        const step = take(name);
        return step && expectAction(step, path);
      }
    }
  }

  return given.flatMap((raw, index): Step[] => {
    const path = ["steps", index];
    const line = lineAt(path);
    if (!raw || typeof raw !== "object" || Array.isArray(raw)) {
      complain(line, `${JSON.stringify(raw)} is no step: write its name, a colon and its value, such as "- wait: 2 s"`);
      return [];
    }
    const keys = Object.keys(raw);
    const [name, ...others] = keys.filter((key): key is StepName => key in STEPS);
    if (!name) complain(line, `there is no step "${keys[0] ?? ""}": ${suggest(keys[0] ?? "", STEP_NAMES)}`);
    else if (others.length > 0) complain(line, `${[name, ...others].join(" and ")} are two steps: begin each with a dash of its own`);
    else {
      const action = readAction(name, raw, path);
      if (action) return [{ line, action }];
    }
    return [];
  });
}
