// Compares the traces of two engines, and shows people the first difference: its time, the lines around it, and pictures with the different rows marked.

import { panelOf } from "../world/panel.js";
import type { TraceLine } from "../world/world.js";

/** Number of lines that are shown before and after the first difference. */
const CONTEXT = 3;
/** Number of characters of a line that are shown, unless the difference is behind them. */
const MOST_CHARACTERS = 160;

/** A trace and the name of its engine. */
export interface NamedTrace {
  readonly name: string;
  readonly trace: readonly TraceLine[];
}

/**
 * Compares two traces line by line.
 * @returns undefined when they are equal, otherwise the first difference in readable form
 */
export function compareTraces(a: NamedTrace, b: NamedTrace): string | undefined {
  const most = Math.max(a.trace.length, b.trace.length);
  let place = 0;
  while (place < most && isEqual(a.trace[place], b.trace[place])) place++;
  if (place === most) return undefined;

  const width = Math.max(a.name.length, b.name.length);
  const row = (name: string, text: string): string => `  ${name.padEnd(width)} | ${text}`;
  const rows = [`the traces of ${a.name} and ${b.name} part at line ${place + 1}:`];
  for (let i = Math.max(0, place - CONTEXT); i < place; i++) rows.push(row("both", describeLine(a.trace[i] as TraceLine)));
  const left = a.trace[place];
  const right = b.trace[place];
  const isPicture = left && right && "display" in left && "display" in right;
  const [leftText, rightText] = markDifference(describe(left), describe(right));
  rows.push(row(a.name, leftText), row(b.name, rightText));
  if (isPicture) rows.push(comparePictures(a.name, left.display, b.name, right.display));
  for (let i = place + 1; i <= place + CONTEXT; i++) {
    for (const { name, trace } of [a, b]) if (trace[i]) rows.push(row(name, describeLine(trace[i] as TraceLine)));
  }
  return rows.join("\n");
}

function isEqual(a: TraceLine | undefined, b: TraceLine | undefined): boolean {
  return a === b || comparable(a) === comparable(b);
}

/** A line as text, without the parts that depend on the engine: the free memory in a status, and therefore the MAC and the CRC of a status. */
function comparable(line: TraceLine | undefined): string {
  return JSON.stringify(line && "sent" in line ? { ...line, sent: line.sent.replace(/("free":)\d+(.*),"mac":.*/, "$1?$2") } : line);
}

/** One line of a trace for people. A picture is only mentioned. */
export function describeLine(line: TraceLine): string {
  return shorten(describe(line), 0);
}

function describe(line: TraceLine | undefined): string {
  if (!line) return "(its trace ends here)";
  return `${String(line.atMs).padStart(7)} ms  ${describeWhat(line)}`;
}

function describeWhat(line: TraceLine): string {
  if ("power" in line) return `power ${line.power}`;
  if ("lamp" in line) return `${line.lamp} light ${line.isLit ? "lit" : "dark"}`;
  if ("toneHz" in line) return line.toneHz ? `tone ${line.toneHz} Hz${line.volume === undefined ? "" : ` with volume ${line.volume}`}` : "silence";
  if ("clip" in line) return `clip ${line.clip} with volume ${line.volume}`;
  if ("flash" in line) return line.flash === "erase" ? `flash erase at ${line.offset}` : `flash write at ${line.offset}: ${line.data}`;
  if ("sent" in line) return `sent ${line.sent}`;
  return "display shows another picture";
}

function markDifference(left: string, right: string): [string, string] {
  let place = 0;
  while (place < left.length && left[place] === right[place]) place++;
  return [shorten(left, place), shorten(right, place)];
}

/** Shortens a long line to a part with `place` in it. */
function shorten(text: string, place: number): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const start = Math.max(0, place - MOST_CHARACTERS / 2);
  const cut = text.slice(start, start + MOST_CHARACTERS);
  return `${start > 0 ? "…" : ""}${cut}${start + MOST_CHARACTERS < text.length ? "…" : ""}`;
}

/** A picture of the display from its bytes in hexadecimal. */
export function pictureOf(display: string): string {
  return panelOf(Uint8Array.from(Buffer.from(display, "hex"))).toText();
}

/** Both pictures in one: equal lines once, different ones twice, with the names of their engines. */
function comparePictures(aName: string, a: string, bName: string, b: string): string {
  const width = Math.max(aName.length, bName.length);
  const bRows = pictureOf(b).split("\n");
  return pictureOf(a)
    .split("\n")
    .flatMap((text, i) => {
      const other = bRows[i] ?? "";
      if (text === other) return [`  ${" ".repeat(width)} | ${text}`];
      return [`  ${aName.padEnd(width)} > ${text}`, `  ${bName.padEnd(width)} > ${other}`];
    })
    .join("\n");
}
