// The `linux` bundle on a real interpreter, in real time: from the edge of a pin to its light, and to the record at the host.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { createLinuxTerminal, type LinuxTerminal, signIn, until, whyNoTerminal } from "./linux-terminal.js";

const why = whyNoTerminal();
if (why) console.warn(`SKIPPED real-time test on the real interpreter: ${why}`);

let terminal: LinuxTerminal | undefined;
afterEach(() => terminal?.close());

it.skipIf(why)("answers a pin's edge with its light, writes the record, and has it after a power cut", { timeout: 60_000 }, async () => {
  const heard: Record<string, unknown>[] = [];
  terminal = await createLinuxTerminal((message) => heard.push(message));
  const { pins } = terminal;

  terminal.powerOn();
  await until("the pause light", () => pins.read(board.pauseLamp.pin) === 1 && pins.read(board.answerLamp.pin) === 0);
  await until("the first record", () => heard.some((message) => message.seq === 1));
  await signIn(terminal, "W26:1A2B3C");
  expect(pins.read(board.pauseLamp.pin), "the pause light goes out when a clerk is on duty").toBe(0);
  await sleep(100);
  await pins.press(board.keys.invite, 80);
  await sleep(300);
  const pressed = pins.press(board.keys.key2, 80);
  const lightMs = await until("the answer light", () => pins.read(board.answerLamp.pin) === 1);
  await pressed;
  await until("the rating at the host", () => heard.some((message) => message.seq === 3));

  const { records, problems } = readFlashImage(terminal.region(), board.flash);
  expect(problems).toEqual([]);
  expect(records.map((record) => record.type)).toEqual(["started", "signIn", "session"]);
  expect(records[2]).toMatchObject({ staff: "1024", outcome: "rated", grade: 4 });
  console.info(`light ${lightMs.toFixed(0)} ms after the pin's edge`);

  terminal.kill();
  heard.length = 0;
  terminal.powerOn();
  await until("the terminal to come back", () => heard.some((message) => message.hello), 10_000);
  expect(heard[0]).toMatchObject({ last: 4, acknowledged: 0 });
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY/);
});
