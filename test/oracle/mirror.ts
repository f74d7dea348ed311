// What is seen and heard at the counter is the same for opposite grades (rules E4, E7).

import type { TraceLine } from "../../sim/world/world.js";
import { settled } from "./difference.js";
import { type Life, timeOf } from "./life.js";
import { play } from "./terminal.js";

/** The same life at a counter whose citizen's keys mean the opposite. */
function mirrored(life: Life): Life {
  return { ...life, hall: { ...life.hall, grades: [...life.hall.grades].reverse() } };
}

/** What can be seen and heard, in order. */
function perceived(life: Life): string[] {
  const lines: string[] = [];
  play(life, [], (line: TraceLine) => {
    const { atMs, ...what } = line;
    if (!("sent" in line) && !("flash" in line)) lines.push(`${timeOf(life, atMs)} ${JSON.stringify(what)}`);
  });
  return lines;
}

/** Where a life differs from its mirrored one, or undefined. */
export function mirrorDifferenceIn(given: Life): string | undefined {
  const { life } = settled(given);
  const one = perceived(life);
  const other = perceived(mirrored(life));
  const place = one.findIndex((line, i) => line !== other[i]);
  return place < 0 && one.length === other.length ? undefined : `${one[place] ?? "nothing"}\nand mirrored\n${other[place] ?? "nothing"}`;
}
