// What a chip, or the module around it, has and allows, as data. Those of the standard boards are in firmware/tools/boards/chips.ts. The file of a board with another
// chip states its own, in `chip`.

import type { PinName, SerialPortName, SpiBusName } from "./board.js";

/** Where a chip can have its console. */
export type ConsoleWay = "USB" | "UART" | "Bluetooth" | "telnet" | "standard input";

export interface Chip {
  readonly consoles: readonly ConsoleWay[];
  /** The button that opens the bootloader or skips the firmware; "" where it is no pin. */
  readonly button: PinName;
  /** Whether an interrupt line is shared by the pins of one number, as on an STM32. */
  readonly isNumberShared: boolean;
  /** Pins that a part of the board itself uses, and which part that is. */
  readonly taken: Readonly<Record<PinName, string>>;
  /** Pins without an output and without a pull-up. */
  readonly inputOnly: readonly PinName[];
  /** The names of the pins that there are. */
  readonly pins: RegExp;
  /** The pins that a bus in hardware can use, by its wires; undefined where it can use any. */
  readonly spi?: Readonly<Record<SpiBusName, Readonly<Record<"sck" | "mosi" | "miso", readonly PinName[]>>>>;
  /** The serial ports that there are, with the pins that each can use; undefined where each can use any. */
  readonly serial?: Readonly<Partial<Record<SerialPortName, Readonly<Record<"tx" | "rx", readonly PinName[]>>>>>;
  /** The reason why no memory on SPI can hold the ledger. */
  readonly spiMemoryProblem?: string;
  /** The reason why it has no clock chip. */
  readonly clockProblem?: string;
  /** Flash that may hold the ledger, outside Storage. */
  readonly freeFlash: readonly FreeFlash[];
  /** How often a page of its own flash can be erased, and who says so; undefined where the ledger lies in a file of the system. */
  readonly rating?: FlashRating;
  /** The most that the watchdog allows, in s; undefined: as much as a terminal wants, or there is none. */
  readonly watchdogSeconds?: number;
  /** The clock of buses whose rates are fractions of it, in Hz, as on an STM32. */
  readonly busClockHz?: number;
  /** For the simulator: how many times as fast as an STM32F401 with 84 MHz it runs a program, at the least. */
  readonly speed: number;
  /** For the simulator: the longest erase of a page, in ms, by the datasheet of its flash. */
  readonly eraseMs: number;
}

export interface FreeFlash {
  readonly address: number;
  readonly lengthBytes: number;
  /** The reason why the maker of the chip does not promise this flash; undefined: it does. */
  readonly unspecified?: string;
}

export interface FlashRating {
  readonly erases: number;
  readonly source: string;
}
