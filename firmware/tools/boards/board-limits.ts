// Checks the wiring in a board file against the limits of its chip. Every value in the file that looks like a pin counts as one, so new parts are checked as well.

import type { Board, SpiBusName, SpiMemoryWiring } from "../../boards/board.js";
import { MEMORY_CHIPS, SECTOR_BYTES } from "./memory-chips.js";

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
  /** The pins that there are. */
  readonly pins: RegExp;
  /** The pins that a bus in hardware can use, by its wires; undefined where it can use any. */
  readonly spi?: Readonly<Record<SpiBusName, Readonly<Record<"sck" | "mosi" | "miso", readonly string[]>>>>;
  /** The reason why no memory on SPI can hold the ledger. */
  readonly spiMemoryProblem?: string;
  /** The reason why it has no clock chip. */
  readonly clockProblem?: string;
  /** Flash that may hold the ledger, outside Storage. */
  readonly freeFlash: readonly FreeFlash[];
}

interface FreeFlash {
  readonly address: number;
  readonly lengthBytes: number;
  /** The reason why the maker of the chip does not promise this flash; undefined: it does. */
  readonly unspecified?: string;
}

const STM32_PINS = /^[A-C](\d|1[0-5])$/;

/** STM32F401 and STM32F411, datasheets DS9716 and DS10314, table "Alternate function mapping". */
const STM32_SPI: ChipLimits["spi"] = {
  SPI1: { sck: ["A5", "B3"], miso: ["A6", "B4"], mosi: ["A7", "B5"] },
  SPI2: { sck: ["B10", "B13"], miso: ["B14"], mosi: ["B15"] },
  SPI3: { sck: ["B3"], miso: ["B4"], mosi: ["B5"] },
};

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
    pins: STM32_PINS,
    spi: STM32_SPI,
    freeFlash: [
      {
        address: 0x08060000,
        lengthBytes: 0x20000,
        unspecified: "the STM32F401xD is specified to end at 0x08060000 (384 kB: DS9716, section Features), and nobody promises its sector 7",
      },
    ],
  },
  ESPRUINOWIFI: {
    consoles: ["USB", "UART"],
    button: "C13",
    isNumberShared: true,
    taken: { ...pins("A11 A12", "USB"), ...pins("A2 A3 A13 A14 A15", "the ESP8266") },
    inputOnly: [],
    pins: STM32_PINS,
    spi: STM32_SPI,
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
    pins: /^D([12]?\d|3\d)$/,
    freeFlash: [{ address: 0x310000, lengthBytes: 0x10000 }],
  },
  LINUX: {
    consoles: ["telnet", "standard input"],
    button: "",
    isNumberShared: false,
    taken: {},
    inputOnly: [],
    pins: /^D\d+$/,
    spiMemoryProblem: "Espruino on Linux sends SPI later than it sets chip select, and the ledger lies in a file there anyway",
    clockProblem: "Espruino on Linux has no I2C, and the terminal takes its time from its host alone: leave it out",
    freeFlash: [],
  },
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
    if (other && !isShared(board, use)) problems.push(`${use}: pin ${pin} is ${other.use} already`);
    if (!chip.pins.test(pin)) problems.push(`${use}: there is no pin ${pin}`);
    if (pin === chip.button)
      problems.push(`${use}: pin ${pin} is the board's button: held at the start it opens the bootloader or skips the firmware`);
    if (chip.taken[pin]) problems.push(`${use}: pin ${pin} belongs to ${chip.taken[pin]}`);
    if (chip.inputOnly.includes(pin) && !isDriven(each)) problems.push(`${use}: pin ${pin} has no output and no pull-up`);
    if (!chip.isNumberShared || !isWatched(each)) return;
    const twin = wired.slice(0, i).find((before) => isWatched(before) && before.pin !== pin && before.pin.slice(1) === pin.slice(1));
    if (twin) problems.push(`${use}: pin ${pin} cannot be watched beside ${twin.pin} (${twin.use}): an STM32 watches one pin of each number`);
  });
  return [...problems, ...busProblems(board, chip), ...clockProblems(board, chip), ...flashProblems(board, chip)].map(
    (problem) => `${board.name}: ${problem}`,
  );
}

/** Whether this is a wire of the clock chip that the display uses too, as parts on one I2C bus do. */
function isShared({ clock, display }: Board, use: string): boolean {
  return clock?.bus === display.bus && ((use === "clock.scl" && clock.scl === display.scl) || (use === "clock.sda" && clock.sda === display.sda));
}

/** Addresses of the clock chips, which cannot be changed. */
const CLOCK_ADDRESSES: Readonly<Record<string, number>> = { ds3231: 0x68, pcf8563: 0x51 };
const I2C_MOST_HZ = 400_000;

function clockProblems({ clock, display }: Board, { clockProblem }: ChipLimits): string[] {
  if (!clock) return [];
  if (clockProblem) return [`clock: ${clockProblem}`];
  const problems: string[] = [];
  const address = CLOCK_ADDRESSES[clock.driver];
  if (address !== clock.address) problems.push(`clock.address: a ${clock.driver} is at ${address}, not at ${clock.address}`);
  if (clock.bitrateHz > I2C_MOST_HZ) problems.push(`clock.bitrateHz: a ${clock.driver} takes at most ${I2C_MOST_HZ}`);
  if (clock.bus === display.bus && (clock.scl !== display.scl || clock.sda !== display.sda))
    problems.push(`clock: ${clock.bus} is on ${display.scl} and ${display.sda}, where the display has it`);
  return problems;
}

/** Parts on buses in hardware: each has one for itself, because each sets it up in its own way. */
function busProblems(board: Board, { spi }: ChipLimits): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const [part, wiring] of Object.entries({ display: board.display, badgeReader: board.badgeReader, flash: board.flash })) {
    if (!("bus" in wiring) || !wiring.bus.startsWith("SPI")) continue;
    const bus = wiring.bus as SpiBusName;
    const owner = owners.get(bus);
    if (owner) problems.push(`${part}: ${bus} is used by ${owner} already: take another, or "software"`);
    owners.set(bus, part);
    for (const [wire, able] of Object.entries(spi?.[bus] ?? {})) {
      const pin = (wiring as unknown as Readonly<Record<string, string | undefined>>)[wire];
      if (pin && !able.includes(pin)) problems.push(`${part}.${wire}: ${bus} cannot use pin ${pin}, but ${able.join(" or ")}`);
    }
  }
  return problems;
}

function flashProblems({ flash, storage }: Board, chip: ChipLimits): string[] {
  if (flash.driver) return memoryProblems(flash, chip);
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
  return freeFlashOf(flash, chip) ? [] : [`${place} is not free on this board: it may hold the interpreter`];
}

function freeFlashOf({ address, pageBytes, pageCount }: Board["flash"], { freeFlash }: ChipLimits): FreeFlash | undefined {
  const end = address + pageBytes * pageCount;
  return freeFlash.find((free) => address >= free.address && end <= free.address + free.lengthBytes);
}

function memoryProblems(flash: SpiMemoryWiring, { spiMemoryProblem }: ChipLimits): string[] {
  if (spiMemoryProblem) return [`flash: no memory on SPI can hold the ledger on this board: ${spiMemoryProblem}`];
  const known = MEMORY_CHIPS[flash.chip];
  if (!known) {
    const names = Object.keys(MEMORY_CHIPS).filter((name) => MEMORY_CHIPS[name]?.driver === flash.driver);
    return [`flash.chip: nobody knows a ${flash.chip} here: take ${names.join(", ")}, or add it to firmware/tools/boards/memory-chips.ts`];
  }
  const { driver, id, bytes, mostHz } = known;
  const problems: string[] = [];
  if (flash.driver !== driver) problems.push(`flash.driver: a ${flash.chip} needs "${driver}"`);
  if (flash.id.join() !== id.join()) problems.push(`flash.id: a ${flash.chip} answers ${hexBytes(id)}, not ${hexBytes(flash.id)}`);
  if (flash.chipBytes !== bytes) problems.push(`flash.chipBytes: a ${flash.chip} has ${bytes}, not ${flash.chipBytes}`);
  if (flash.bitrateHz > mostHz) problems.push(`flash.bitrateHz: a ${flash.chip} takes at most ${mostHz}`);
  const end = flash.address + flash.pageBytes * (flash.pageCount + flash.slotPages);
  if (end > bytes) problems.push(`flash: the pages end at ${end}, and a ${flash.chip} has ${bytes} bytes`);
  const unit = driver === "fram" ? CHECKED_BYTES : SECTOR_BYTES;
  if (flash.address % unit) problems.push(`flash.address: the pages of a ${flash.chip} begin at a multiple of ${unit}`);
  if (driver === "spi-nor" && flash.pageBytes !== unit)
    problems.push(`flash.pageBytes: a ${flash.chip} erases sectors of ${unit} bytes: a page is one`);
  if (flash.pageBytes % unit) problems.push(`flash.pageBytes: the length of a page is a multiple of ${unit}`);
  if (driver === "fram" && flash.alignBytes === 1)
    problems.push("flash.alignBytes: the driver of FRAM compares words of 4 bytes: it has to be 4 or 8");
  return problems;
}

/** An erase is read back in pieces of this length (hal/espruino/flash.ts). */
const CHECKED_BYTES = 512;

function hexBytes(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

/** Where the ledger of a board lies. */
export interface LedgerPlace {
  /** Such as `32 pages of 4 kB in a W25Q64JV on SPI1`. */
  readonly words: string;
  /** The reason why the maker of the chip does not promise this place; undefined: it does. */
  readonly unspecified: string | undefined;
}

/** Where the ledger of a board lies, and whether that is within the specification of the chip. */
export function ledgerPlace({ flash, espruinoName }: Board): LedgerPlace {
  const chip = CHIPS[espruinoName];
  const pages = `${flash.pageCount} page${flash.pageCount > 1 ? "s" : ""} of ${flash.pageBytes / 1024} kB`;
  const medium = flash.driver
    ? `in a ${flash.chip} on ${flash.bus === "software" ? "SPI in software" : flash.bus}`
    : flash.storageFile
      ? "in a file of Storage"
      : `in the chip's own flash, at 0x${flash.address.toString(16).padStart(8, "0")}`;
  return { words: `${pages} ${medium}`, unspecified: !flash.driver && chip ? freeFlashOf(flash, chip)?.unspecified : undefined };
}
