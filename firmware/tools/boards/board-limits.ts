// Checks the wiring in a board file against the limits of its chip. Every value in the file that looks like a pin counts as one, so new parts are checked as well.

import { WATCHDOG_KICK_MS, WATCHDOG_SECONDS } from "../../../hal/watchdog.js";
import type { Board, SerialPortName, SpiBusName, SpiMemoryWiring } from "../../boards/board.js";
import type { Chip, ConsoleWay, FreeFlash } from "../../boards/chip.js";
import { chipOf, UNFIT } from "./chips.js";
import { MEMORY_CHIPS, SECTOR_BYTES } from "./memory-chips.js";

/** Every way in which a console can reach the board. */
export function consoleWays(board: Board): readonly ConsoleWay[] {
  return chipOf(board)?.consoles ?? [];
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
  visit({ ...board, chip: undefined }, "");
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
  const unfit = UNFIT[board.espruinoName];
  if (unfit) return [`${board.name}: no ${board.espruinoName} can be a terminal: ${unfit}`];
  const chip = chipOf(board);
  if (!chip)
    return [
      `${board.name}: nobody knows the limits of a ${board.espruinoName} here: state them in the board file, in "chip" (firmware/boards/chip.ts)`,
    ];
  const problems = chipProblems(board, chip);
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
  return [...problems, ...busProblems(board, chip), ...serialProblems(board, chip), ...clockProblems(board, chip), ...flashProblems(board, chip)].map(
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

function clockProblems({ clock, display }: Board, { clockProblem }: Chip): string[] {
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

/** Fewer JavaScript variables hold neither the firmware's state nor a day at the counter. */
const LEAST_VARIABLES = 5000;

function chipProblems({ variables, watchdog }: Board, { watchdogSeconds = Infinity }: Chip): string[] {
  const problems: string[] = [];
  if (variables < LEAST_VARIABLES) problems.push(`variables: the terminal needs ${LEAST_VARIABLES}, and there are ${variables}`);
  const { seconds, kickMs } = watchdog ?? { seconds: WATCHDOG_SECONDS, kickMs: WATCHDOG_KICK_MS };
  if (seconds > watchdogSeconds) problems.push(`watchdog.seconds: the chip's watchdog allows at most ${watchdogSeconds} s, not ${seconds}`);
  if (kickMs > seconds * 500 || WATCHDOG_KICK_MS % kickMs)
    problems.push(`watchdog.kickMs: ${kickMs} has to divide ${WATCHDOG_KICK_MS}, and to be at most half of ${seconds} s`);
  return problems;
}

/** The wires of a part on pins that its bus or port cannot use. @param able the pins that it can use, by wires */
function pinProblems(part: string, wiring: object, unit: string, able: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(able).flatMap(([wire, pins]) => {
    const pin = (wiring as Readonly<Record<string, string | undefined>>)[wire];
    return pin && !pins.includes(pin) ? [`${part}.${wire}: ${unit} cannot use pin ${pin}, but ${pins.join(" or ")}`] : [];
  });
}

/** Parts on serial ports: each has one for itself, on pins that the port can use. */
function serialProblems(board: Board, { serial }: Chip): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  const cable = board.link.driver === "serial" ? { link: board.link } : { "link.cable": board.link.cable };
  for (const [part, wiring] of Object.entries({ ...cable, badgeReader: board.badgeReader, sound: board.sound })) {
    if (!wiring || !("port" in wiring)) continue;
    const owner = owners.get(wiring.port);
    if (owner) problems.push(`${part}.port: ${wiring.port} is used by ${owner} already`);
    owners.set(wiring.port, part);
    if (!serial) continue;
    const able = serial[wiring.port as SerialPortName];
    if (!able) {
      problems.push(`${part}.port: there is no ${wiring.port}, but ${Object.keys(serial).join(" and ")}`);
      continue;
    }
    problems.push(...pinProblems(part, wiring, wiring.port, able));
  }
  return problems;
}

/** Parts on buses in hardware: each has one for itself, because each sets it up in its own way. */
function busProblems(board: Board, { spi }: Chip): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const [part, wiring] of Object.entries({ display: board.display, badgeReader: board.badgeReader, flash: board.flash })) {
    if (!("bus" in wiring) || !wiring.bus.startsWith("SPI")) continue;
    const bus = wiring.bus as SpiBusName;
    const owner = owners.get(bus);
    if (owner) problems.push(`${part}: ${bus} is used by ${owner} already: take another, or "software"`);
    owners.set(bus, part);
    problems.push(...pinProblems(part, wiring, bus, spi?.[bus] ?? {}));
  }
  return problems;
}

function flashProblems({ flash, storage }: Board, chip: Chip): string[] {
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

function freeFlashOf({ address, pageBytes, pageCount }: Board["flash"], { freeFlash }: Chip): FreeFlash | undefined {
  const end = address + pageBytes * pageCount;
  return freeFlash.find((free) => address >= free.address && end <= free.address + free.lengthBytes);
}

function memoryProblems(flash: SpiMemoryWiring, { spiMemoryProblem }: Chip): string[] {
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
export function ledgerPlace(board: Board): LedgerPlace {
  const { flash } = board;
  const chip = chipOf(board);
  const pages = `${flash.pageCount} page${flash.pageCount > 1 ? "s" : ""} of ${flash.pageBytes / 1024} kB`;
  const medium = flash.driver
    ? `in a ${flash.chip} on ${flash.bus === "software" ? "SPI in software" : flash.bus}`
    : flash.storageFile
      ? "in a file of Storage"
      : `in the chip's own flash, at 0x${flash.address.toString(16).padStart(8, "0")}`;
  return { words: `${pages} ${medium}`, unspecified: !flash.driver && chip ? freeFlashOf(flash, chip)?.unspecified : undefined };
}
