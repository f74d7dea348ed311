// The self-test by hand, over the console of an open terminal: every key, light, sound, the display, and a badge. Meanwhile the board runs the firmware's own drivers
// and no other part of the firmware, so that each part is tested by itself.

import { setTimeout as sleep } from "node:timers/promises";
import type { ClockProblem } from "../../../hal/clock-chip.js";
import type { KeyName } from "../../../hal/keys.js";
import { Lamp } from "../../../hal/lamps.js";
import type { Board } from "../../boards/board.js";
import { wiredPins } from "../boards/board-limits.js";
import { currentFirmware } from "../build/build.js";
import type { Report } from "../report.js";
import type { BoardConsole } from "./board-console.js";
import { loadProgram } from "./device-program.js";

/** Longest time for one press, or one badge, in ms. */
const HAND_MS = 20000;
const LOOK_MS = 100;

const KEYS: Readonly<Record<KeyName, string>> = {
  key1: "citizen key 1, the leftmost",
  key2: "citizen key 2",
  key3: "citizen key 3",
  key4: "citizen key 4",
  key5: "citizen key 5",
  invite: "the clerk's key invite",
  pause: "the clerk's key pause",
};

/** The faults that a badge reader reports, and what to do. */
const READER_FAULTS: Readonly<Record<string, string>> = {
  parity: "a badge came with wrong parity: check that D0 and D1 are not swapped, and both level shifters",
  length: "a badge came with an unknown number of bits or bytes: check the wires, and that the reader sends the format of the board file",
  checksum: "a badge came with a wrong checksum: check the level shifter, and hold the badge still",
  collision: "several cards are at the reader: hold one alone",
  silent: "the reader does not answer: check its supply, and the wires of its bus",
};

/** What a clock chip says instead of a time, whether that is a mistake of the wiring, and what to do. */
const CLOCK_PROBLEMS: Readonly<Record<ClockProblem, readonly [isOk: boolean, words: string]>> = {
  silent: [false, "does not answer: check its supply, and the wires of its bus"],
  impossible: [false, "gives a time that does not exist: check the wires of its bus; the next time of the host sets it"],
  halfSet: [true, "was not set to the end: the next time of the host sets it"],
  stopped: [true, "has no time yet: the host sets it. If it had one yesterday, its battery is empty or missing"],
};

/** The result for one part. */
export interface HandResult {
  readonly part: string;
  readonly isOk: boolean;
  readonly detail: string;
}

/** The pins of a key, in words. */
export function placeOf({ keys }: Board, key: KeyName): string {
  if (keys.driver !== "matrix") return keys[key];
  const row = keys.places.findIndex((places) => places.includes(key));
  return `row ${keys.rows[row]}, column ${keys.columns[keys.places[row]?.indexOf(key) ?? -1]}`;
}

/** The pins of a part in the board file, in words. */
function pinsOf(board: Board, part: keyof Board): string {
  const pins = wiredPins(board).filter(({ use }) => use.startsWith(`${part}.`));
  return pins.map(({ use, pin }) => (pins.length > 1 ? `${use.slice(part.length + 1)} ${pin}` : pin)).join(", ");
}

/** The program with the drivers of a board that the test calls. */
export async function hardwareTestProgram({ name }: Board): Promise<string> {
  return (await currentFirmware(name, "hardware-test")).code;
}

/**
 * Tests every part with whoever stands there. The board has to be restarted afterwards.
 * @param program of `hardwareTestProgram`
 * @param ask asks whoever stands there a question. @returns whether the answer is yes
 */
export async function testByHand(
  device: BoardConsole,
  board: Board,
  program: string,
  ask: (question: string) => Promise<boolean>,
  report: Report,
): Promise<HandResult[]> {
  const results: HandResult[] = [];
  const add = (part: string, isOk: boolean, detail: string): void => {
    results.push({ part, isOk, detail });
    if (isOk) report.step(`${part}: ${detail}`);
    else report.note(`${part}: ${detail}`);
  };
  await loadProgram(device, program, false);
  const stuck = await device.evaluate<KeyName[]>("hands.down");
  for (const name of stuck) add(name, false, `is down already: its contact sticks, or its wire touches another (${placeOf(board, name)})`);
  for (const name of (Object.keys(KEYS) as KeyName[]).filter((each) => !stuck.includes(each))) {
    report.step(`press ${KEYS[name]}`);
    await device.evaluate("hands.pressed()");
    const seen = (await waitFor(() => device.evaluate<KeyName[]>("hands.pressed()")))?.[0];
    if (seen === name) add(name, true, `seen on ${placeOf(board, name)}`);
    else if (seen) add(name, false, `${seen} was seen instead: the wires of ${placeOf(board, name)} and ${placeOf(board, seen)} are swapped`);
    else add(name, false, `nothing was seen on ${placeOf(board, name)}`);
  }
  const lamps: [string, string, Lamp, keyof Board][] = [
    ["pause light", "Is the red pause light lit?", Lamp.Pause, "pauseLamp"],
    ["second light", "Is the second light of the pause sign lit?", Lamp.Pause, "signLamp"],
    ["answer light", "Is the white answer light lit?", Lamp.Answer, "answerLamp"],
    ["key rings", "Are the rings around all the citizens' keys lit?", Lamp.Rings, "ringLamps"],
  ];
  for (const [part, question, lamp, field] of lamps.filter(([, , , each]) => board[each])) {
    await device.evaluate(`hands.lamps(${lamp})`);
    const isLit = await ask(question);
    add(part, isLit, isLit ? "lit" : `stays dark: check pin ${pinsOf(board, field)} and its transistor`);
  }
  await device.evaluate("hands.lamps(0)");
  const status = await device.evaluate<string>("hands.display()");
  const isShown = status === "ok" && (await ask(board.display.driver === "max7219" ? "Does every digit show 8. ?" : "Is the whole display lit?"));
  const displayPins = pinsOf(board, "display");
  add(
    "display",
    isShown,
    isShown ? "lit" : status === "ok" ? `stays dark: check ${displayPins}` : `does not answer: check ${displayPins}, and its supply`,
  );
  await device.evaluate("hands.sound()");
  const isHeard = await ask(board.sound.driver === "mp3" ? "Does the voice ask for a rating?" : "Do you hear tones?");
  add(
    "sound",
    isHeard,
    isHeard ? "heard" : `silent: check ${pinsOf(board, "sound")}${board.sound.driver === "mp3" ? ", and the module's card" : ""}`,
  );
  if (board.clock) {
    const now = await device.evaluate<number | ClockProblem>("hands.clock()");
    const [isOk, words] = typeof now === "string" ? CLOCK_PROBLEMS[now] : [true, `gives ${new Date(now * 1000).toISOString()}: compare it`];
    add("clock chip", isOk, isOk ? words : `${words} (${pinsOf(board, "clock")})`);
  }
  report.step("hold a badge to the reader");
  const read = (await waitFor(() => device.evaluate<string[]>("hands.read()"))) ?? [];
  const badge = read.find((each) => each.includes(":"));
  const fault = READER_FAULTS[read[0] ?? ""];
  add("badge reader", badge !== undefined, badge ?? fault ?? `nothing came: check ${pinsOf(board, "badgeReader")}`);
  return results;
}

/** Waits until something is seen. @returns it; undefined after `HAND_MS` */
async function waitFor<Value>(look: () => Promise<Value[]>): Promise<Value[] | undefined> {
  for (const until = Date.now() + HAND_MS; Date.now() < until; await sleep(LOOK_MS)) {
    const seen = await look();
    if (seen.length > 0) return seen;
  }
  return undefined;
}
