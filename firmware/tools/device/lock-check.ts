// Tries to get into a terminal that should be closed, in every way that a cable allows, and reports the result of each.

import { setTimeout as sleep } from "node:timers/promises";
import type { Board } from "../../boards/board.js";
import type { ConsoleWay } from "../../boards/chip.js";
import { consoleWays } from "../boards/board-limits.js";
import { ToolError } from "../tool-error.js";
import { type BoardConsole, CONSOLE_BAUD_HZ, openConsole } from "./board-console.js";

/** An expression whose result does not stand in its echo. */
const SUM = 'print("in"+6*7)';
const SUM_RESULT = "in42";

/** Speed of the console on a hardware serial port of an STM32 board. */
const SLOW_BAUD_HZ = 9600;

/** Longest wait for an answer, in ms. */
const ANSWER_MS = 700;

/** Length of the trial while the terminal starts, in ms. */
const START_MS = 4000;

/** Longest time until a port is there again after a restart, in ms. A USB port goes and comes with the board. */
const REOPEN_MS = 10000;

/** The ways in, each with what is typed. */
const WAYS: readonly (readonly [string, string])[] = [
  ["a line", `\n${SUM}\n`],
  ["Ctrl-C and a line", `\x03\x03\n${SUM}\n`],
  ["a line without echo", `\x10${SUM}\n`],
  ["an uploader's packet", `\x10\x01${String.fromCharCode(0x20 + (SUM.length >> 8), SUM.length & 255)}${SUM}`],
  ["Ctrl-E, which version", "\x05"],
  ["a restart", `\nload()\n${SUM}\n`],
  // This one comes last: where it gets in, it leaves a bracket open.
  ["a line behind half a line", `{"id":1\n${SUM}\n`],
];

/** One way in, and its result. */
export interface Attempt {
  readonly port: string;
  readonly way: string;
  readonly isIn: boolean;
  /** The reaction of the terminal. */
  readonly outcome: string;
}

/** The result of all trials on one terminal. */
export interface LockCheck {
  readonly attempts: readonly Attempt[];
  /** Ways of its chip that were not tried from here, each with how to try it. */
  readonly untried: readonly string[];
}

/**
 * Tries to get in while a terminal starts, over the connection that made it start, and closes that connection.
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

/**
 * Tries every way of typing at a port that is open to this computer.
 * @returns one attempt a way; a single one where the terminal refuses a connection
 * @throws ToolError `portUnavailable` when the port does not open, so that nothing can be said of the terminal
 */
export async function tryToGetIn(port: string): Promise<Attempt[]> {
  if (!(await isReachable(port))) return [{ port, way: "a connection", isIn: false, outcome: "refused" }];
  const attempts: Attempt[] = [];
  for (const baudHz of port.startsWith("tcp:") ? [CONSOLE_BAUD_HZ] : [CONSOLE_BAUD_HZ, SLOW_BAUD_HZ]) {
    for (const [way, typed] of WAYS) {
      const name = baudHz === SLOW_BAUD_HZ ? `${way}, ${baudHz} baud` : way;
      const board = await openConsole(port, baudHz);
      const heard = await board.type(typed, ANSWER_MS);
      attempts.push(attemptOf(port, name, heard, board.isClosed() ? "the connection was cut" : "no answer"));
      await board.close();
      await sleep(50);
    }
  }
  return attempts;
}

/** Waits for a port to open. @returns false: the terminal refuses the connection @throws ToolError when the port does not open in time */
async function isReachable(port: string): Promise<boolean> {
  for (const until = Date.now() + REOPEN_MS; ; await sleep(300)) {
    try {
      await (await openConsole(port)).close();
      return true;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (error.message.includes("ECONNREFUSED")) return false;
      if (Date.now() > until) throw error;
    }
  }
}

function attemptOf(port: string, way: string, heard: string, silence: string): Attempt {
  const isIn = heard.includes(SUM_RESULT) || /Espruino \d+v\d+/.test(heard);
  return { port, way, isIn, outcome: isIn ? "IN" : heard ? "no sum came back" : silence };
}

/** How to try a way. */
const TRYING: Readonly<Record<ConsoleWay, string>> = {
  USB: "plug its USB cable in here, and name that port with --also",
  UART: "wire its serial port to an adapter here, and name that with --also",
  Bluetooth: "look for it with a phone: it must not let itself be connected to as a console",
  telnet: "once it is in the network: --also tcp://ITS-ADDRESS:23",
  "standard input": "it belongs to whoever starts its process",
};

/**
 * The ways into a terminal that were not tried, each with how to try it.
 * @param through Espruino's name of the console through which the terminal was flashed, such as `USB`, `Serial1` or `Telnet`
 * @param also further ports that were tried
 */
export function untriedWays(board: Board, through: string, also: readonly string[]): string[] {
  const first = through.startsWith("Serial") ? "UART" : through === "Telnet" ? "telnet" : through;
  const tried: readonly string[] = [first, ...also.map((port) => (port.startsWith("tcp:") ? "telnet" : first === "UART" ? "USB" : "UART"))];
  return consoleWays(board)
    .filter((way) => !tried.includes(way))
    .map((way) => `${way}: ${TRYING[way]}`);
}
