// The time from a badge in front of the reader to the clerk's name on the display, for each reader and each display. It is the longest time to read the
// badge, the time of the interpreter, estimated, and the time of a full view on the display's bus.

import vm from "node:vm";
import type { Board } from "../../firmware/boards/board.js";
import { sizeOf } from "../../firmware/display/layouts.js";
import { BUDGETS } from "../../firmware/tools/build/budgets.js";
import { currentFirmware, readBoard } from "../../firmware/tools/build/build.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { runOnFakeBoard } from "../engines/bundle.js";
import type { VirtualBoard } from "../espruino/virtual-board.js";
import { type Engine, World } from "../world/world.js";
import { countInstructions, type Mark, type Segment } from "./callgrind.js";
import { sampleFiles } from "./day.js";
import type { Figure } from "./figure.js";
import { installProgram } from "./installed-program.js";

/** Boards with each reader and each display, and the badge with the longest frame for it. */
export const BADGE_CASES: readonly (readonly [board: string, badge: string])[] = [
  ["pico", "W34:00C0FFEE"],
  ["test/boards/badge-voice.ts", "EM:0F00A1B2C3"],
  ["test/boards/card-matrix.ts", "UID:04112233445566"],
  ["test/boards/ssd1306-spi.ts", "W34:00C0FFEE"],
  ["test/boards/sh1106-i2c.ts", "W34:00C0FFEE"],
  ["test/boards/sh1106-spi.ts", "W34:00C0FFEE"],
  ["test/boards/ssd1322.ts", "W34:00C0FFEE"],
  ["test/boards/max7219.ts", "W34:00C0FFEE"],
];

/** The times that the simulator finds, in ms, and the input for the interpreter. */
export interface SimulatedBadge {
  readonly board: Board;
  readonly code: string;
  readonly files: StoreFiles;
  /** Longest time from the badge in front of the reader to its last byte or bit. */
  readonly readMs: number;
  /** Time of a full view on the display's bus. */
  readonly viewMs: number;
  /** Time of the transfers that ask a reader for the badge; 0 for a reader that sends by itself. */
  readonly askingMs: number;
  /** The answers of a reader that is asked, from the start on, in Base64: no badge a few times, and then the badge. */
  readonly answers: readonly string[];
}

/** Speed of an ESP32 (240 MHz) relative to a Pico (84 MHz), by their clocks. */
const CLOCK_TIMES: Readonly<Record<string, number>> = { PICO_R1_3: 1, ESP32: 240 / 84 };
/** A serial reader (RDM6300) repeats the number of a badge in front of it after so many ms. The first one may be missed. */
const SERIAL_REPEAT_MS = 65;
/** Time in ms after which a started terminal is idle. */
const READY_MS = 2000;
/** Period of the polls of a reader that is asked, in ms. A badge comes at any moment of it. */
const PHASES_MS = 100;

/** @param name of the board, or the path of its file */
export async function simulateBadge(name: string, badge: string): Promise<SimulatedBadge> {
  const board = readBoard(name);
  const { code } = await currentFirmware(board.name);
  const files = sampleFiles(sizeOf(board.display.driver), badge);
  const script = new vm.Script(code);
  let running: VirtualBoard | undefined;
  const engine: Engine = {
    name: "bundle",
    start(world) {
      running = runOnFakeBoard(script, world, code).board;
      return { inputs: running.inputs, stop: () => running?.stop() };
    },
  };
  const start = (): { world: World; virtual: VirtualBoard } => {
    const world = new World({ board, engine, files });
    world.powerOn();
    return { world, virtual: running as VirtualBoard };
  };

  let readMs = 0;
  for (let phaseMs = 0; phaseMs < PHASES_MS; phaseMs += board.badgeReader.driver === "mfrc522" ? 9 : PHASES_MS) {
    const { world } = start();
    const atMs = READY_MS + phaseMs;
    world.advanceTo(atMs);
    world.presentBadge(badge);
    world.advanceTo(atMs + 1000);
    const shown = world.trace.find((line) => "display" in line && line.atMs >= atMs);
    readMs = Math.max(readMs, (shown?.atMs ?? Number.POSITIVE_INFINITY) - atMs);
  }

  if (board.badgeReader.driver === "serial") readMs += SERIAL_REPEAT_MS;

  const { world, virtual } = start();
  const viewMs = virtual.displayBus.ms;
  const answers: string[] = [];
  let askedBytes = 0;
  const { badgeReader } = board;
  const send = virtual.spiSend.bind(virtual);
  virtual.spiSend = (bus, bytes, cs) => {
    const back = send(bus, bytes, cs);
    if (badgeReader.driver === "mfrc522" && cs === badgeReader.cs) {
      answers.push(Buffer.from(back).toString("base64"));
      askedBytes += bytes.length;
    }
    return back;
  };
  world.advanceTo(2.5 * PHASES_MS);
  askedBytes = 0;
  const isShown = (): boolean => world.trace.some((line) => "display" in line && line.atMs >= 2.5 * PHASES_MS);
  world.presentBadge(badge);
  // The badge is taken away then: a slow interpreter would take a second read for another tap.
  for (let atMs = 2.5 * PHASES_MS; !isShown() && atMs < READY_MS; atMs++) world.advanceTo(atMs);
  const askingMs = badgeReader.driver === "mfrc522" ? ((8 * askedBytes) / badgeReader.bitrateHz) * 1000 : 0;
  world.powerOff();
  return { board, code, files, readMs, viewMs, askingMs, answers };
}

/** Badge to name with each reader and each display. @param perMs instructions in a millisecond of a Pico */
export async function badgeFigures(binary: string, perMs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [name, badge] of BADGE_CASES) figures.push(badgeFigure(binary, await simulateBadge(name, badge), badge, perMs));
  return figures;
}

function badgeFigure(binary: string, simulated: SimulatedBadge, badge: string, perMs: number): Figure {
  const { board, code, files, readMs, viewMs, askingMs, answers } = simulated;
  const { display } = board;
  const image = installProgram(binary, board, code, files, { badge, presses: 0, ...(answers.length > 0 ? { answers } : {}) });
  const shown: Mark = display.bus === "I2C1" ? "i2c" : display.driver === "max7219" ? "digits" : "spi";
  const callbacks = callbacksOf(countInstructions(binary, { image }, ["mark", "callback", shown]), shown);
  // A reader that is asked may have been asked in vain just before.
  const picoMs = (callbacks.badge + (answers.length > 0 ? callbacks.before : 0)) / perMs;
  const interpreterMs = picoMs / (CLOCK_TIMES[board.espruinoName] as number);
  const besidesMs = readMs + askingMs + viewMs;
  const onPico = interpreterMs === picoMs ? "" : `; on a Pico ${Math.round(besidesMs + picoMs)}`;
  return {
    what: `badge to name, estimated, ${rowOf(simulated).join(" ")}`,
    unit: "ms",
    measured: besidesMs + interpreterMs,
    budget: BUDGETS.badgeToNameMs,
    note: `reader ${(readMs + askingMs).toFixed(1)}, interpreter ${Math.round(interpreterMs)}, display's bus ${viewMs.toFixed(1)}${onPico}`,
  };
}

/** Board, reader and display, for tables. */
export function rowOf({ board: { espruinoName, badgeReader, display } }: SimulatedBadge): readonly string[] {
  const bus = display.bus === "I2C1" ? "I2C" : "SPI";
  return [espruinoName === "ESP32" ? "ESP32" : "Pico", badgeReader.driver, `${display.driver} ${bus}`];
}

/** The instructions of the callback that shows the clerk, up to its last byte for the display, and of the last poll of a reader before it. */
function callbacksOf(segments: readonly Segment[], shown: Mark): { badge: number; before: number } {
  const callbacks: Segment[][] = [];
  let marks = 0;
  for (const segment of segments) {
    if (marks >= 2) callbacks.at(-1)?.push(segment);
    if (segment.endedBy === "mark") marks++;
    if (segment.endedBy === "callback") callbacks.push([]);
  }
  const place = callbacks.map((callback) => callback.some(({ endedBy }) => endedBy === shown)).lastIndexOf(true);
  if (place < 0) throw new Error("no badge was shown");
  const asking = callbacks.slice(0, place).filter((callback) => callback.some(({ endedBy }) => endedBy === "mark"));
  return { badge: ownUpTo(callbacks[place] as Segment[], shown), before: ownUpTo(asking.at(-1) ?? [], "mark") };
}

/** The program's own instructions in a callback up to the last of a mark. */
function ownUpTo(callback: readonly Segment[], last: Mark): number {
  const end = callback.map(({ endedBy }) => endedBy).lastIndexOf(last) + 1;
  let isOwn = true;
  let total = 0;
  for (const { endedBy, instructions } of callback.slice(0, end)) {
    if (isOwn) total += instructions;
    if (endedBy === "mark") isOwn = !isOwn;
  }
  return total;
}
