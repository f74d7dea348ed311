// Checks the wiring in a board file against the limits of its chip. Every value in the file that looks like a pin counts as one, so new parts are checked as well.

import type { Board } from "../../boards/board.js";

/** Where a chip can have its console. */
export type ConsoleWay = "USB" | "UART" | "Bluetooth" | "telnet" | "standard input";

interface ChipLimits {
  readonly consoles: readonly ConsoleWay[];
  /** The button that opens the bootloader or skips the firmware. */
  readonly button: string;
  /** An interrupt line is shared by the pins of one number. */
  readonly isNumberShared: boolean;
  /** Pins that a part of the board itself uses, and which part that is. */
  readonly taken: Readonly<Record<string, string>>;
  /** Pins without an output and without a pull-up. */
  readonly inputOnly: readonly string[];
  /** Flash that may hold the ledger, outside Storage. */
  readonly freeFlash: readonly { readonly address: number; readonly lengthBytes: number }[];
}

function pins(names: string, owner: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, owner]));
}

/** The limits of each chip, by `process.env.BOARD`. Source: the boards' pages on espruino.com, and `Flash.getFree()`. */
const CHIPS: Readonly<Record<string, ChipLimits>> = {
  PICO_R1_3: {
    consoles: ["USB", "UART"],
    button: "C13",
    isNumberShared: true,
    taken: pins("A11 A12", "USB"),
    inputOnly: [],
    freeFlash: [{ address: 0x08060000, lengthBytes: 0x20000 }],
  },
  ESPRUINOWIFI: {
    consoles: ["USB", "UART"],
    button: "C13",
    isNumberShared: true,
    taken: { ...pins("A11 A12", "USB"), ...pins("A2 A3 A13 A14 A15", "the ESP8266") },
    inputOnly: [],
    freeFlash: [{ address: 0x08004000, lengthBytes: 3 * 0x4000 }],
  },
  ESP32: {
    consoles: ["UART", "Bluetooth", "telnet"],
    button: "D0",
    isNumberShared: false,
    taken: {
      ...pins("D6 D7 D8 D9 D10 D11", "the flash chip"),
      ...pins("D1 D3", "the console"),
      ...pins("D12", "the start: high, it takes the flash chip for one of 1.8 V"),
    },
    inputOnly: ["D34", "D35", "D36", "D37", "D38", "D39"],
    freeFlash: [{ address: 0x310000, lengthBytes: 0x10000 }],
  },
  LINUX: { consoles: ["telnet", "standard input"], button: "", isNumberShared: false, taken: {}, inputOnly: [], freeFlash: [] },
};

/** Every way in which a console can reach the board. */
export function consoleWays({ espruinoName }: Board): readonly ConsoleWay[] {
  return CHIPS[espruinoName]?.consoles ?? [];
}

/** A pin of the board file: where in the file it stands, and its name. */
export interface WiredPin {
  readonly use: string;
  readonly pin: string;
}

const PIN = /^[A-H]\d{1,2}$|^D\d{1,2}$/;

/** Every pin that the board file wires, with its place there, such as `keys.key1`. */
export function wiredPins(board: Board): WiredPin[] {
  const found: WiredPin[] = [];
  const visit = (value: unknown, use: string): void => {
    if (typeof value === "string" && PIN.test(value)) found.push({ use, pin: value });
    else if (value && typeof value === "object") for (const [name, child] of Object.entries(value)) visit(child, use ? `${use}.${name}` : name);
  };
  visit(board, "");
  return found;
}

/** Whether something else drives the pin, so that it needs no pull-up of the chip. */
function isDriven({ use }: WiredPin): boolean {
  return /\.(rx|miso|data\d)$/.test(use);
}

/** Whether the firmware waits for edges of a pin. */
function isWatched({ use }: WiredPin): boolean {
  return /^(keys\.(key\d|invite|pause|columns)|badgeReader\.data\d)/.test(use);
}

/** @returns everything in the board file that the chip does not allow, a sentence each */
export function boardProblems(board: Board): string[] {
  const chip = CHIPS[board.espruinoName];
  if (!chip) return [`${board.name}: nobody knows the limits of a ${board.espruinoName} here: add them to firmware/tools/boards/board-limits.ts`];
  const problems: string[] = [];
  const wired = wiredPins(board);
  wired.forEach((each, i) => {
    const { use, pin } = each;
    const other = wired.slice(0, i).find((before) => before.pin === pin);
    if (other) problems.push(`${use}: pin ${pin} is ${other.use} already`);
    if (pin === chip.button)
      problems.push(`${use}: pin ${pin} is the board's button: held at the start it opens the bootloader or skips the firmware`);
    if (chip.taken[pin]) problems.push(`${use}: pin ${pin} belongs to ${chip.taken[pin]}`);
    if (chip.inputOnly.includes(pin) && !isDriven(each)) problems.push(`${use}: pin ${pin} has no output and no pull-up`);
    if (!chip.isNumberShared || !isWatched(each)) return;
    const twin = wired.slice(0, i).find((before) => isWatched(before) && before.pin !== pin && before.pin.slice(1) === pin.slice(1));
    if (twin) problems.push(`${use}: pin ${pin} cannot be watched beside ${twin.pin} (${twin.use}): an STM32 watches one pin of each number`);
  });
  return [...problems, ...flashProblems(board, chip)].map((problem) => `${board.name}: ${problem}`);
}

function flashProblems({ flash, storage }: Board, { freeFlash }: ChipLimits): string[] {
  const lengthBytes = flash.pageBytes * flash.pageCount;
  const end = flash.address + lengthBytes;
  const place = `flash: 0x${flash.address.toString(16)} to 0x${end.toString(16)}`;
  const isInside = flash.address >= storage.address && end <= storage.address + storage.lengthBytes;
  if (flash.storageFile) {
    if (!isInside) return [`${place} is not inside Storage, and the board file says so`];
    const room = storage.address + 32 + flash.storageFile.lengthBytes;
    return end > room ? [`${place} reaches beyond the file ${flash.storageFile.name}`] : [];
  }
  if (flash.address < storage.address + storage.lengthBytes && end > storage.address)
    return [`${place} overlaps Storage: an upload would erase the ledger`];
  if (freeFlash.some(({ address, lengthBytes: free }) => flash.address >= address && end <= address + free)) return [];
  return [`${place} is not free on this board: it may hold the interpreter`];
}
