// The self-test with hands, over the console of a terminal that is open: every key, light, sound, and a badge. It watches the pins themselves, so that it shows which
// wire is wrong, and needs no firmware.

import { setTimeout as sleep } from "node:timers/promises";
import type { KeyName } from "../../../hal/keys.js";
import type { Board } from "../../boards/board.js";
import type { Report } from "../report.js";
import type { BoardConsole } from "./board-console.js";

/** How long somebody has for one thing, in ms. */
const HAND_MS = 20000;
/** A badge's bits are over when none came for so long, in ms. */
const QUIET_MS = 300;
const LOOK_MS = 100;
/** Pitch of the sound that is tried. */
const TONE_HZ = 2000;

const KEYS: Readonly<Record<KeyName, string>> = {
  key1: "citizen key 1, the leftmost",
  key2: "citizen key 2",
  key3: "citizen key 3",
  key4: "citizen key 4",
  key5: "citizen key 5",
  invite: "the clerk's key invite",
  pause: "the clerk's key pause",
};

/** What was tried, and what came of it. */
export interface HandResult {
  readonly part: string;
  readonly isOk: boolean;
  readonly detail: string;
}

/** @param ask asks whoever stands there a question. @returns whether the answer is yes */
export async function testByHand(
  device: BoardConsole,
  board: Board,
  ask: (question: string) => Promise<boolean>,
  report: Report,
): Promise<HandResult[]> {
  const results: HandResult[] = [];
  const add = (part: string, isOk: boolean, detail: string): void => {
    results.push({ part, isOk, detail });
    if (isOk) report.step(`${part}: ${detail}`);
    else report.note(`${part}: ${detail}`);
  };
  // `T.k`: keys as they close; `T.b`: bits of a badge.
  await device.evaluate('(global.T={k:[],b:""})&&0');
  const names = Object.keys(KEYS) as KeyName[];
  for (const name of names) {
    const pin = board.keys[name];
    await device.evaluate(`pinMode(${pin},"input_pullup"),setWatch(function(){T.k.push("${name}")},${pin},{repeat:true,edge:"falling"})&&0`);
  }
  await sleep(LOOK_MS);
  const down = await device.evaluate<number[]>(`[${names.map((name) => `digitalRead(${board.keys[name]})`).join()}]`);
  const stuck = names.filter((_, i) => down[i] === 0);
  for (const name of stuck) add(name, false, `is down already: its contact sticks, or pin ${board.keys[name]} touches GND`);
  for (const name of names.filter((each) => !stuck.includes(each))) {
    report.step(`press ${KEYS[name]}`);
    await device.evaluate("(T.k=[])&&0");
    const seen = await waitFor(async () => (await device.evaluate<KeyName[]>("T.k"))[0]);
    if (seen === name) add(name, true, `seen on ${board.keys[name]}`);
    else if (seen) add(name, false, `${seen} was seen instead: the wires of ${board.keys[name]} and ${board.keys[seen]} are swapped`);
    else add(name, false, `nothing was seen on ${board.keys[name]}`);
  }
  for (const [part, question, { pin, litLevel }] of [
    ["pause light", "Is the red pause light lit?", board.pauseLamp],
    ["answer light", "Is the white answer light lit?", board.answerLamp],
  ] as const) {
    await device.evaluate(`digitalWrite(${pin},${litLevel})`);
    const isLit = await ask(question);
    await device.evaluate(`digitalWrite(${pin},${1 - litLevel})`);
    add(part, isLit, isLit ? "lit" : `stays dark: check pin ${pin} and its transistor`);
  }
  await device.evaluate(`analogWrite(${board.sound.pin},0.5,{freq:${TONE_HZ}})`);
  const isHeard = await ask("Do you hear a tone?");
  await device.evaluate(`digitalWrite(${board.sound.pin},0)`);
  add("sound", isHeard, isHeard ? "heard" : `silent: check pin ${board.sound.pin}`);
  if ("data0" in board.badgeReader) {
    const { data0, data1 } = board.badgeReader;
    for (const [pin, bit] of [
      [data0, 0],
      [data1, 1],
    ])
      await device.evaluate(`setWatch(function(){T.b+=${bit}},${pin},{repeat:true,edge:"falling"})&&0`);
    report.step("hold a badge to the reader");
    const bits = await waitFor(async () => {
      const first = await device.evaluate<string>("T.b");
      if (!first) return undefined;
      await sleep(QUIET_MS);
      return device.evaluate<string>("T.b");
    });
    const badge = badgeOf(bits ?? "");
    if (badge) add("badge reader", true, badge);
    else if (bits) add("badge reader", false, `${bits.length} bits came, ${/1/.test(bits) ? "with a wrong parity" : "all of them 0: check D1"}`);
    else add("badge reader", false, `nothing came on ${data0} and ${data1}`);
  }
  await device.evaluate("(clearWatch(),delete global.T)&&0");
  return results;
}

async function waitFor<Value>(look: () => Promise<Value | undefined>): Promise<Value | undefined> {
  for (const until = Date.now() + HAND_MS; Date.now() < until; await sleep(LOOK_MS)) {
    const seen = await look();
    if (seen) return seen;
  }
  return undefined;
}

/** What a reader's bits say, as a site file writes it: `W26:1A2B3C`; undefined when length or parity is wrong. */
export function badgeOf(bits: string): string | undefined {
  if (bits.length !== 26 && bits.length !== 34) return undefined;
  const half = bits.length / 2;
  const ones = (part: string): number => part.split("1").length - 1;
  if (ones(bits.slice(0, half)) % 2 !== 0 || ones(bits.slice(half)) % 2 !== 1) return undefined;
  const digits = Number.parseInt(bits.slice(1, -1), 2).toString(16).toUpperCase();
  return `W${bits.length}:${digits.padStart((bits.length - 2) / 4, "0")}`;
}
