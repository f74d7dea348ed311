// What the firmware's work costs in time. A simulated handler takes none; on a board it takes milliseconds, in which keys move, badges are read and deadlines pass.

import type { Board } from "../../firmware/boards/board.js";
import { chipOf } from "../../firmware/tools/boards/chips.js";
import { randomFrom } from "../chips/random.js";

/** A part of a handler's work: the code from a look at the clock on, a write to flash, an erase of a page, or a new picture on the display. */
export type Work = "code" | "write" | "erase" | "display";

/** Gives the cost of each part of a handler's work, in whole ms. One handler runs at a time. */
export interface Costs {
  /** A handler begins. */
  begin(): number;
  of(work: Work): number;
  /** The handler ends. */
  end(): number;
}

/** Where the costs of a run come from: measured for the board, or drawn at random. */
export const COST_NAMES = ["board", "random"] as const;
export type CostName = (typeof COST_NAMES)[number];

/** Costs on an Espruino Pico, as the bench estimates them, in ms. */
const PICO_MS: Readonly<Record<Work, number>> = { code: 5, write: 15, erase: 1200, display: 75 };

export function boardCosts(board: Board): Costs {
  const { speed, eraseMs } = chipOf(board) ?? { speed: 1, eraseMs: PICO_MS.erase };
  const scaled = (ms: number): number => Math.ceil(ms / speed);
  return { begin: () => 1, of: (work) => (work === "erase" ? eraseMs : scaled(PICO_MS[work])), end: () => 0 };
}

/** The longest handler, in ms. */
const MOST_MS = 400;
/** Most handlers take up to this. */
const SHORT_MS = 30;
/** A handler looks at the clock, if it does, before it works: within so many ms. */
const MOST_BEGIN_MS = 2;
/** One handler in so many takes longer. */
const LONG_ONE_IN = 4;

/** Each handler takes 0 to 400 ms, which are spread over its work by chance. */
export function randomCosts(seed: number): Costs {
  const random = randomFrom(seed, MOST_MS);
  let leftMs = 0;
  const take = (): number => {
    const part = random() % (leftMs + 1);
    leftMs -= part;
    return part;
  };
  return {
    begin() {
      leftMs = random() % ((random() % LONG_ONE_IN ? SHORT_MS : MOST_MS) + 1);
      return random() % (MOST_BEGIN_MS + 1);
    },
    of: take,
    end: () => leftMs,
  };
}

export function costsOf(name: CostName, board: Board, seed: number): Costs {
  return name === "board" ? boardCosts(board) : randomCosts(seed);
}
