// From a badge in front of the reader to the clerk's name on the display, for each reader and each display: how long the badge takes to be read at the worst,
// what the interpreter needs, estimated, and a full view on the display's bus.

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

/** What the simulator tells of a badge, in ms, and what the interpreter is played. */
export interface SimulatedBadge {
  readonly board: Board;
  readonly code: string;
  readonly files: StoreFiles;
  /** From the badge in front of the reader until it has told all of it, at the worst. */
  readonly readMs: number;
  /** A full view on the display's bus. */
  readonly viewMs: number;
  /** The transfers that ask a reader for the badge, where it has to be asked. */
  readonly askingMs: number;
  /** What such a reader answers from the start on, in Base64: a few times nothing, then the badge. */
  readonly answers: readonly string[];
}

/** By its clock an ESP32 (240 MHz) is so many times as fast as a Pico (84 MHz). */
const CLOCK_TIMES: Readonly<Record<string, number>> = { PICO_R1_3: 1, ESP32: 240 / 84 };
/** A serial reader (RDM6300) sends the number of a badge that is there again and again, so long after the last time: the first one may be missed. */
const SERIAL_REPEAT_MS = 65;
/** Settled after a start. */
const READY_MS = 2000;
/** How often a reader is asked. */
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
  // Only until then: read once more, it would be taken for another tap by a slow interpreter.
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
  // A reader that has to be asked was asked in vain just before.
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

/** The instructions of the callback that shows the badge's view, up to its last byte for the display, and of the last one before it that asked a reader. */
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
