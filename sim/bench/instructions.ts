// The instructions of the real interpreter for a press and a start, compared with the reference sketch, and the time that they take on a Pico.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { board as pico } from "../../firmware/boards/pico.js";
import { BUDGETS } from "../../firmware/tools/build/budgets.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { temporaryFolder } from "../espruino/install.js";
import { countInstructions, type Segment } from "./callgrind.js";
import { CLERK_BADGE } from "./day.js";
import { type Figure, inGroups } from "./figure.js";
import { installProgram, minifySketch, withLedger } from "./installed-program.js";
import type { LedgerFill } from "./ledger-fill.js";

/** Instructions from the edge of a key: medians over the presses. */
interface PressCost {
  readonly light: number;
  /** Undefined without a sound. */
  readonly tone: number | undefined;
  readonly record: number;
}

/** Number of presses for a median. */
const PRESSES = 7;

/**
 * A published speed of a Pico: 458 s for a million turns of a loop that adds up the Leibniz series ("Float Speed: Espruino Pico vs Pyboard", Espruino
 * forum, 2017-12-23). The body of the loop, from that page:
 */
const LEIBNIZ_LOOP = "for (i = 2; i < iterations + 2; i++) {\n    x = x * -1;\n    pi = pi + (x / (2*i-1));\n}";
const LEIBNIZ_TURN_MS = 0.458;
const LEIBNIZ_TURNS = 200;

/** Time of a full frame to an SSD1306 at 400 kHz, in ms. The bus itself takes no instructions here. */
const FRAME_MS = 23;

/** Instructions in a millisecond of a Pico, by the published loop. */
export function instructionsInPicoMs(binary: string): number {
  const loop = `var iterations = ${LEIBNIZ_TURNS};\nvar x = 1;\nvar pi = 1;\nE.getTemperature();\n${LEIBNIZ_LOOP}\nE.getTemperature();\nquit();\n`;
  const script = path.join(temporaryFolder(), "loop.js");
  writeFileSync(script, loop);
  const [, turns] = countInstructions(binary, { script }, ["mark"]);
  return (turns as Segment).instructions / LEIBNIZ_TURNS / LEIBNIZ_TURN_MS;
}

/** The figures of a press. */
export function pressFigures(binary: string, code: string, files: StoreFiles, perMs: number): readonly Figure[] {
  const sketch = minifySketch(readFileSync(new URL("reference-sketch.js", import.meta.url), "utf8"));
  const reference = costOfPress(binary, sketch, files, 1);
  const firmware = costOfPress(binary, code, files, 2);
  const budget = BUDGETS.pressTimesSketch * reference.record;
  const figure = (what: string, measured: number | undefined, besides: string): Figure => ({
    what,
    unit: "instructions",
    measured,
    budget,
    note: `${((measured ?? 0) / reference.record).toFixed(1)} x the sketch; about ${((measured ?? 0) / perMs).toFixed(1)} ms on a Pico${besides}`,
  });
  return [
    { what: "reference sketch: press to light", unit: "instructions", measured: reference.light },
    { what: "reference sketch: press to line in flash", unit: "instructions", measured: reference.record },
    figure("press to light", firmware.light, `; ${(firmware.light / reference.light).toFixed(1)} x the sketch's own light`),
    figure("press to first tone", firmware.tone, ""),
    figure("press to committed record", firmware.record, ", and the 60 ms of the chord window"),
  ];
}

/** The time to draw and send a view: the longest of staff card, prompt and thanks. */
export function redrawFigures(binary: string, code: string, files: StoreFiles, perMs: number): readonly Figure[] {
  const image = installProgram(binary, pico, code, files, { badge: CLERK_BADGE, presses: 1 });
  const segments = countInstructions(binary, { image }, ["cleared", "i2c", "callback"]);
  const redraws = segments.flatMap(({ endedBy }, i) => {
    if (endedBy !== "cleared") return [];
    const rest = segments.slice(i + 1);
    const next = rest.findIndex((segment) => segment.endedBy !== "i2c");
    return [sum(next < 0 ? rest : rest.slice(0, next))];
  });
  // The first view of a start does not count: its display needs no clearing.
  if (redraws.length < 3) throw new Error(`only ${redraws.length} views were drawn`);
  const most = Math.max(...redraws);
  return [
    {
      what: "redraw of a view on a Pico, estimated",
      unit: "ms",
      measured: most / perMs,
      budget: BUDGETS.redrawMs,
      note: `the longest of ${redraws.length}: ${inGroups(most)} instructions, without the time on the display's bus`,
    },
  ];
}

/** The figures of a start, one for each state of the ledger. */
export function startFigures(binary: string, code: string, files: StoreFiles, fills: readonly LedgerFill[], perMs: number): readonly Figure[] {
  const image = installProgram(binary, pico, code, files, { presses: 0 });
  return fills.map(({ name, bytes, isFirst }) => {
    const [, start] = countInstructions(binary, { image: withLedger(image, bytes) }, ["mark"]);
    const { instructions } = start as Segment;
    const figure = {
      what: `start on a Pico, estimated, ${name}`,
      unit: "ms",
      measured: instructions / perMs + FRAME_MS,
      note: `${inGroups(instructions)} instructions, and ${FRAME_MS} ms of display bus`,
    };
    return isFirst ? figure : { ...figure, budget: BUDGETS.startMs };
  });
}

/** @param writes number of flash writes of a press; the last one commits its record */
function costOfPress(binary: string, code: string, files: StoreFiles, writes: number): PressCost {
  const image = installProgram(binary, pico, code, files, { badge: CLERK_BADGE, presses: PRESSES });
  const presses = pressesOf(countInstructions(binary, { image }, ["mark", "callback", "lamp", "tone", "written"]), writes);
  if (presses.length < PRESSES) throw new Error(`only ${presses.length} of ${PRESSES} presses led to a record`);
  const tones = presses.map(({ tone }) => tone).filter((tone) => tone !== undefined);
  return {
    light: median(presses.map(({ light }) => light)),
    tone: tones.length > 0 ? median(tones) : undefined,
    record: median(presses.map(({ record }) => record)),
  };
}

/**
 * Finds the presses. Marks come in pairs. The first pair encloses the start of the program, and the second nothing, to know the cost of a mark; then each
 * press has a pair. A record that the callback of the press does not write is written in a later one. Callbacks between them, and waiting, do not count.
 */
function pressesOf(segments: readonly Segment[], writes: number): PressCost[] {
  const marks = segments.flatMap(({ endedBy }, i) => (endedBy === "mark" ? [i] : []));
  const presses: PressCost[] = [];
  for (let i = 4; i + 1 < marks.length; i += 2) {
    const begin = (marks[i] as number) + 1;
    const end = (marks[i + 1] as number) + 1;
    const inside = segments.slice(begin, end);
    const light = sumUpTo(inside, "lamp", 1);
    let record = sumUpTo(inside, "written", writes);
    if (record === undefined) {
      const rest = segments.slice(end, marks[i + 2]);
      const ends = rest.map(({ endedBy }) => endedBy);
      const written = ends.indexOf("written");
      const callback = ends.lastIndexOf("callback", written);
      const later = written < 0 ? undefined : sumUpTo(rest.slice(callback + 1), "written", writes);
      record = later === undefined ? undefined : sum(inside) + later;
    }
    if (light !== undefined && record !== undefined) presses.push({ light, tone: sumUpTo(inside, "tone", 1), record });
  }
  return presses;
}

/** Instructions up to a mark. @param times its number among the marks of this kind @returns undefined when there are fewer */
function sumUpTo(segments: readonly Segment[], mark: Segment["endedBy"], times: number): number | undefined {
  const places = segments.flatMap(({ endedBy }, i) => (endedBy === mark ? [i] : []));
  const place = places[times - 1];
  return place === undefined ? undefined : sum(segments.slice(0, place + 1));
}

function sum(segments: readonly Segment[]): number {
  return segments.reduce((total, { instructions }) => total + instructions, 0);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;
}
