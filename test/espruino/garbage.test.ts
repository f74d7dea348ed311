// Garbage on the link of the `linux` bundle on a real interpreter, in real time, as fast as the interpreter takes it: the keys answer all the same.
// What a Pico has left at the rate of its cable, `npm run bench` says.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { lineOf } from "../../firmware/tools/link/lines.js";
import { createLinuxTerminal, type LinuxTerminal, signIn, until, whyNoTerminal } from "./linux-terminal.js";

const why = whyNoTerminal();
if (why) console.warn(`SKIPPED garbage on the link of the real interpreter: ${why}`);

/** A key's light comes within this, on a machine that does other things too. Without garbage it takes a few ms. */
const MOST_MS = 250;
/** Thanks, and what follows them, are over. */
const SESSION_MS = 5000;

const GARBAGE: Readonly<Record<string, string>> = {
  "line feeds": "\n".repeat(4096),
  "short lines": "{}*00000000\n".repeat(341),
  "a line that never ends": "{".repeat(4096),
  "broken JSON with a right CRC": lineOf(`{"a":[${"[1],".repeat(80)}`).repeat(12),
};

let terminal: LinuxTerminal | undefined;
afterEach(() => terminal?.close());

it.skipIf(why)("lights a key's lamp at once while garbage pours in, loses no press, and hears the next good line", { timeout: 120_000 }, async () => {
  const heard: Record<string, unknown>[] = [];
  terminal = await createLinuxTerminal((message) => heard.push(message));
  const { pins, sayBytes, pour } = terminal;
  terminal.powerOn();
  await until("the first record", () => heard.some((message) => message.seq === 1), 20_000);
  await signIn(terminal, "W26:1A2B3C");
  expect(pins.read(board.pauseLamp.pin), "a clerk is on duty").toBe(0);

  /** A citizen is asked, and presses. @returns how long the light took, in ms */
  async function rate(): Promise<number> {
    await sleep(200);
    await pins.press(board.keys.invite, 100);
    await sleep(300);
    const pressed = pins.press(board.keys.key2, 100);
    const ms = await until("the answer light", () => pins.read(board.answerLamp.pin) === 1);
    await pressed;
    return ms;
  }

  const lines = [`light after ${(await rate()).toFixed(0)} ms without garbage`];
  await sleep(SESSION_MS);
  for (const [kind, bytes] of Object.entries(GARBAGE)) {
    sayBytes(`${bytes}\n${lineOf(JSON.stringify({ id: kind.length, do: "waiting", count: 0 }))}`);
    await until("an answer behind garbage", () => heard.some((message) => message.answer === kind.length), 10_000);
    const hellos = heard.filter((message) => message.hello).length;
    const begin = performance.now();
    const end = pour(bytes);
    const ms = await rate();
    await sleep(SESSION_MS);
    lines.push(`${ms.toFixed(0)} ms in ${Math.round(end() / (performance.now() - begin))} kB/s of ${kind}`);
    expect(ms, kind).toBeLessThan(MOST_MS);
    await until("the terminal to come back", () => heard.filter((message) => message.hello).length > hellos, 20_000);
  }
  console.info(lines.join(", "));
  const { records, problems } = readFlashImage(terminal.region(), board.flash);
  expect(problems).toEqual([]);
  expect(records.flatMap((record) => (record.type === "session" && record.outcome === "rated" ? [record.grade] : []))).toEqual(lines.map(() => 4));
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY|FIFO_FULL/);
});
