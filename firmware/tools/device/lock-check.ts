// Tries to get into a terminal that should be closed, in every way that reaches it through a cable, and tells what came of each.

import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "../tool-error.js";
import { type BoardConsole, CONSOLE_BAUD_HZ, openConsole } from "./board-console.js";

/** A sum whose result stands in no echo of it. */
const SUM = 'print("in"+6*7)';
const SUM_RESULT = "in42";

/** Speed of the console on a hardware serial port of an STM32 board. */
const SLOW_BAUD_HZ = 9600;

/** How long an answer may take, in ms. */
const ANSWER_MS = 700;

/** How long it is tried while the terminal starts, in ms. */
const START_MS = 4000;

/** The ways in, each with what is typed. */
const WAYS: readonly (readonly [string, string])[] = [
  ["a line", `\n${SUM}\n`],
  ["Ctrl-C and a line", `\x03\x03\n${SUM}\n`],
  ["a line without echo", `\x10${SUM}\n`],
  ["an uploader's packet", `\x10\x01${String.fromCharCode(0x20 + (SUM.length >> 8), SUM.length & 255)}${SUM}`],
  ["Ctrl-E, which version", "\x05"],
  ["a restart", `\nload()\n${SUM}\n`],
  // The last: where somebody gets in, it leaves a bracket open for whatever comes next.
  ["a line behind half a line", `{"id":1\n${SUM}\n`],
];

/** One way, and what came of it. */
export interface Attempt {
  readonly port: string;
  readonly way: string;
  readonly isIn: boolean;
  /** What the terminal did. */
  readonly outcome: string;
}

/**
 * Tries to get in while a terminal starts, over the connection that made it start, and closes that.
 * @returns one attempt
 */
export async function tryWhileStarting(starting: BoardConsole): Promise<Attempt> {
  const until = Date.now() + START_MS;
  let heard = "";
  while (Date.now() < until && !starting.isClosed()) heard += await starting.type(`\x03\n${SUM}\n`, 20);
  const outcome = starting.isClosed() ? "the connection was cut" : "no answer";
  await starting.close();
  return attemptOf(starting.port, "Ctrl-C and a line, all the time while it starts", heard, outcome);
}

/** Tries every way at a port that is open to this computer. @returns one attempt a way, or a single one where the port does not even open */
export async function tryToGetIn(port: string): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const baudHz of port.startsWith("tcp:") ? [CONSOLE_BAUD_HZ] : [CONSOLE_BAUD_HZ, SLOW_BAUD_HZ]) {
    for (const [way, typed] of WAYS) {
      const name = baudHz === SLOW_BAUD_HZ ? `${way}, ${baudHz} baud` : way;
      let board: BoardConsole | undefined;
      try {
        board = await openConsole(port, baudHz);
        const heard = await board.type(typed, ANSWER_MS);
        attempts.push(attemptOf(port, name, heard, board.isClosed() ? "the connection was cut" : "no answer"));
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        attempts.push({ port, way: name, isIn: false, outcome: error.what.replace(`${port} `, "") });
      }
      await board?.close();
      await sleep(50);
    }
  }
  return attempts;
}

function attemptOf(port: string, way: string, heard: string, silence: string): Attempt {
  const isIn = heard.includes(SUM_RESULT) || /Espruino \d+v\d+/.test(heard);
  return { port, way, isIn, outcome: isIn ? "IN" : heard ? "no sum came back" : silence };
}
