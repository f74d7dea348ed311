// What a board says of itself, and whether it can be the terminal that somebody wants to make of it.

import type { Board } from "../../boards/board.js";
import { FIRMWARE_FILE } from "../build/install-script.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import type { BoardConsole } from "./board-console.js";
import { LOCK_FILES, NEW_FIRMWARE_FILE, OLD_FIRMWARE_FILE, STORE_FILES } from "./storage.js";

/** Oldest Espruino whose console takes packets. */
const LEAST_VERSION = { major: 2, minor: 25 };

/** Fewest variables with which the firmware runs. */
const LEAST_VARIABLES = 4096;

/** The version that the firmware is tested with. */
export const KNOWN_VERSION = "2v29";

/** What a board says of itself. */
export interface DeviceFacts {
  /** `process.env.BOARD`. */
  readonly espruinoName: string;
  /** Of Espruino, such as `2v29`. */
  readonly version: string;
  /** Of the chip. */
  readonly serial: string;
  readonly variables: number;
  readonly freeVariables: number;
  readonly files: readonly string[];
  readonly freeBytes: number;
}

export async function factsOf(board: BoardConsole): Promise<DeviceFacts> {
  const env = await board.evaluate<{ BOARD: string; VERSION: string; SERIAL: string }>(
    '(function(e){return{BOARD:e.BOARD,VERSION:e.VERSION,SERIAL:e.SERIAL||""}})(process.env)',
  );
  const memory = await board.evaluate<{ free: number; total: number }>("process.memory()");
  const [files, freeBytes] = await board.evaluate<[string[], number]>('[require("Storage").list(),require("Storage").getFree()]');
  return {
    espruinoName: env.BOARD,
    version: env.VERSION,
    serial: env.SERIAL,
    variables: memory.total,
    freeVariables: memory.free,
    files,
    freeBytes,
  };
}

/** The reason why this interpreter cannot run the firmware of this board; undefined: it can. */
export function mismatch(facts: DeviceFacts, board: Board): string | undefined {
  if (facts.espruinoName !== board.espruinoName) return `it is a ${facts.espruinoName}, and ${board.name} is for a ${board.espruinoName}`;
  const [, major, minor] = /^(\d+)v(\d+)/.exec(facts.version) ?? [];
  if (Number(major) < LEAST_VERSION.major || (Number(major) === LEAST_VERSION.major && Number(minor) < LEAST_VERSION.minor))
    return `its Espruino ${facts.version} is older than ${LEAST_VERSION.major}v${LEAST_VERSION.minor}`;
  if (facts.variables < LEAST_VARIABLES) return `it has ${facts.variables} variables, and the firmware needs ${LEAST_VARIABLES}`;
  return undefined;
}

/** The facts of a board. @throws ToolError `boardMismatch` when it cannot be a terminal of this board file */
export async function requireBoard(device: BoardConsole, board: Board): Promise<DeviceFacts> {
  const facts = await factsOf(device);
  const why = mismatch(facts, board);
  if (!why) return facts;
  throw new ToolError(
    "boardMismatch",
    `This board cannot be a ${board.name}: ${why}.`,
    UNCHANGED,
    "See with counter-terminal doctor which board it is, and name that with --board. Replace an old Espruino by the newest one first.",
  );
}

/** Files that Espruino runs by itself at a start, beside the terminal's own. */
const FOREIGN_STARTERS = [".bootrst", ".bootPowerOn", ".varimg"];

/** Files that are not the terminal's. */
export function foreignFiles(facts: DeviceFacts, board: Board): string[] {
  const own: string[] = [...STORE_FILES, ...LOCK_FILES, FIRMWARE_FILE, OLD_FIRMWARE_FILE, NEW_FIRMWARE_FILE, board.flash.storageFile?.name ?? ""];
  return facts.files.filter((file) => !own.includes(file.replaceAll("\0", "")) || FOREIGN_STARTERS.includes(file));
}
