// The type of a board file. A board file is only data, and may lie anywhere: `npm run build -- --board path/to/mine.ts` builds it. Those in this folder are the
// standard boards, which `--board NAME` builds.

import type { KeyName } from "../../hal/keys.js";
import type { Chip } from "./chip.js";

/** The name of a pin as Espruino prints it, such as `B15` or `D4`. */
export type PinName = string;

export interface LampWiring {
  readonly pin: PinName;
  /** The level at which the lamp is lit. */
  readonly litLevel: 0 | 1;
}

/** Keys as a matrix: a contact at the crossing of a row and a column. */
export interface MatrixKeysWiring {
  /** The driver's file in `hal/espruino/keys`. */
  readonly driver: "matrix";
  /** Outputs, driven low in turn. */
  readonly rows: readonly PinName[];
  /** Inputs with the chip's own pull-up. Each is watched. */
  readonly columns: readonly PinName[];
  /** The keys of each row by columns; "" for no key. */
  readonly places: readonly (readonly (KeyName | "")[])[];
  /** Whether each contact has a diode that lets current flow only from its column to its row. Without diodes three keys can look like four: see the driver. */
  readonly hasDiodes: boolean;
}

/** A piezo buzzer on a pin with PWM. */
export interface BuzzerWiring {
  readonly driver?: never;
  readonly pin: PinName;
}

/** A voice module that plays MP3 files (such as a DFPlayer Mini) on a serial port with 9600 baud. */
export interface Mp3Wiring {
  /** The driver's file in `hal/espruino/sound`. */
  readonly driver: "mp3";
  readonly port: SerialPortName;
  /** To the module's RX, through 1 kOhm. */
  readonly tx: PinName;
  /** From the module's TX. The firmware ignores its answers, but the port needs the pin. */
  readonly rx: PinName;
}

export type SerialPortName = "Serial1" | "Serial2" | "Serial3";

/** SSD1306 or SH1106, 128x64 pixels, on I2C. A module that does not answer is a fault. */
export interface I2cDisplayWiring {
  /** The driver's file in `hal/espruino/display`. */
  readonly driver: "ssd1306" | "sh1106";
  readonly bus: "I2C1";
  readonly scl: PinName;
  readonly sda: PinName;
  /** Bus address: 0x3C, or 0x3D where the module's address pin is high. */
  readonly address: number;
  /** At most 400 kHz. */
  readonly bitrateHz: number;
}

export type SpiBusName = "SPI1" | "SPI2" | "SPI3";

/** A display on SPI with four wires (mode 0): 128x64 pixels, the SSD1322 256x64. It cannot answer, so a loose cable is not noticed. */
export interface SpiDisplayWiring {
  readonly driver: "ssd1306" | "sh1106" | "ssd1322";
  /** A bus in hardware. */
  readonly bus: SpiBusName;
  readonly sck: PinName;
  /** SDA, SDIN or D1 on the module. */
  readonly mosi: PinName;
  readonly cs: PinName;
  /** Data or command, D/C or A0 on the module. */
  readonly dc: PinName;
  /** RES or RST on the module. */
  readonly reset: PinName;
  /** At most 10 MHz, for an SH1106 4 MHz. An STM32 uses the nearest of its own rates, which may be 1.5 times as fast. */
  readonly bitrateHz: number;
}

/** MAX7219 with seven-segment digits, on SPI (mode 0). It shows staff number and words: see `hal/espruino/display/MAX7219.md`. */
export interface SegmentDisplayWiring {
  readonly driver: "max7219";
  /** A bus in hardware, or `software` for any pins, which ignores the bit rate. */
  readonly bus: SpiBusName | "software";
  readonly sck: PinName;
  /** DIN. */
  readonly mosi: PinName;
  /** DOUT, through a divider to 3.3 V. Without it a loose cable is not noticed. */
  readonly miso?: PinName;
  /** LOAD or CS. */
  readonly cs: PinName;
  /** At most 10 MHz. */
  readonly bitrateHz: number;
  /** Number of digits, 4 to 8. The one on the right is the chip's digit 0. */
  readonly digits: number;
  /** Brightness, 0 to 15. */
  readonly intensity: number;
}

export type DisplayWiring = I2cDisplayWiring | SpiDisplayWiring | SegmentDisplayWiring;

export interface WiegandWiring {
  /** The driver's file in `hal/espruino/badge-reader`. */
  readonly driver: "wiegand";
  readonly data0: PinName;
  readonly data1: PinName;
}

/** A 125 kHz reader that sends the number of a badge over a serial port (such as an RDM6300, ID-12 or ID-20). */
export interface SerialReaderWiring {
  /** The driver's file in `hal/espruino/badge-reader`. */
  readonly driver: "serial";
  readonly port: SerialPortName;
  readonly tx: PinName;
  /** From the reader's TX, through a level shifter, because it sends 5 V. */
  readonly rx: PinName;
  readonly baudHz: 9600;
}

/** An MFRC522 for 13.56 MHz cards on SPI. */
export interface Mfrc522Wiring {
  /** The driver's file in `hal/espruino/badge-reader`. */
  readonly driver: "mfrc522";
  readonly bus: "SPI1" | "SPI2" | "SPI3";
  readonly sck: PinName;
  readonly mosi: PinName;
  readonly miso: PinName;
  /** The module's SDA or NSS. Its RST is wired to 3.3 V. */
  readonly cs: PinName;
  /** At most 10 MHz. */
  readonly bitrateHz: number;
}

export interface SerialLinkWiring {
  /** The driver's file in `hal/espruino/link`. */
  readonly driver: "serial";
  readonly port: SerialPortName;
  readonly tx: PinName;
  readonly rx: PinName;
  readonly baudHz: number;
  /** Whether the port is the board's console while no USB is connected. The link takes it over while the firmware runs. */
  readonly isConsole: boolean;
}

export interface NetworkLinkWiring {
  /** Lines over TCP, or MQTT: the `host` of the configuration decides. */
  readonly driver: "network";
  /** Whether the board joins the wireless network of its configuration first. */
  readonly isWireless: boolean;
  /** The cable that is used while the configuration has no host. */
  readonly cable?: Omit<SerialLinkWiring, "driver"> | SerialDeviceWiring;
}

/** A serial port of the operating system, on Linux. */
export interface SerialDeviceWiring {
  readonly port: SerialPortName;
  /** Its device file, such as `/dev/ttyUSB0`. */
  readonly path: string;
  readonly baudHz: number;
  readonly isConsole: false;
}

/** A clock chip with a battery on I2C, which keeps the wall time while the terminal has no power. */
export interface ClockChipWiring {
  /** The driver's file in `hal/espruino/clock-chip`. */
  readonly driver: "ds3231" | "pcf8563";
  /** May be the bus of a display on I2C, with the same pins. */
  readonly bus: "I2C1";
  readonly scl: PinName;
  readonly sda: PinName;
  /** 0x68 for a DS3231, 0x51 for a PCF8563. */
  readonly address: number;
  /** At most 400 kHz. */
  readonly bitrateHz: number;
}

/** The region of ledger and file slots, on any medium. */
interface FlashRegion {
  /** Address of the first page, in the address space of its medium. */
  readonly address: number;
  readonly pageBytes: number;
  /** Pages of the ledger. */
  readonly pageCount: number;
  /**
   * Pages behind the ledger for the files that the host sends in the place of those in Storage: half of them for each of two file slots (FORMAT.md), so the number is
   * even. 0: the host cannot replace files.
   */
  readonly slotPages: number;
  /** Each write to this flash begins at a multiple of it, and is as long as a multiple of it. */
  readonly alignBytes: 1 | 4 | 8;
}

/** The flash of the board's own chip, or of its module. */
export interface InternalFlashWiring extends FlashRegion {
  readonly driver?: never;
  /**
   * Only where ledger and file slots lie inside Storage: the file of Storage that they are in. It is written once, and before any other file, when the board is
   * provisioned.
   */
  readonly storageFile?: { readonly name: string; readonly lengthBytes: number };
}

/** A memory of its own on SPI (mode 0), for the ledger and the file slots alone. */
export interface SpiMemoryWiring extends FlashRegion {
  /** The driver's file in `hal/espruino/flash`: NOR flash (W25Q), or FRAM (MB85RS, FM25V). */
  readonly driver: "spi-nor" | "fram";
  /** Its name, for people: firmware/tools/boards/memory-chips.ts has its limits. */
  readonly chip: string;
  /** The first bytes that it answers to the command 9Fh. A chip that answers others is not used. */
  readonly id: readonly number[];
  readonly chipBytes: number;
  /** A bus in hardware, or `software` for any pins, which ignores the bit rate. */
  readonly bus: SpiBusName | "software";
  readonly sck: PinName;
  /** DI or SI. */
  readonly mosi: PinName;
  /** DO or SO. */
  readonly miso: PinName;
  /** CS, with 10 kOhm to 3.3 V. WP and HOLD are wired to 3.3 V. */
  readonly cs: PinName;
  /** At most what the chip takes. An STM32 uses the nearest of its own rates, which may be 1.5 times as fast. */
  readonly bitrateHz: number;
  readonly storageFile?: never;
}

export type FlashWiring = InternalFlashWiring | SpiMemoryWiring;

export interface Board {
  /** The name of this file, and of the folder in `dist`. */
  readonly name: string;
  /** Its `process.env.BOARD`. */
  readonly espruinoName: string;
  /** JavaScript variables of its interpreter. */
  readonly variables: number;
  /** Flash of its interpreter for code and files (Storage). */
  readonly storage: { readonly address: number; readonly lengthBytes: number };
  /** One pin for each key, a contact to ground, with the chip's own pull-up; or a matrix. */
  readonly keys: (Readonly<Record<KeyName, PinName>> & { readonly driver?: never }) | MatrixKeysWiring;
  readonly pauseLamp: LampWiring;
  readonly answerLamp: LampWiring;
  /** The lit rings around the citizens' keys, all on one pin, where there are any. */
  readonly ringLamps?: LampWiring;
  /** The second light of the pause sign, where there is one. */
  readonly signLamp?: LampWiring;
  readonly sound: BuzzerWiring | Mp3Wiring;
  readonly display: DisplayWiring;
  readonly badgeReader: WiegandWiring | SerialReaderWiring | Mfrc522Wiring;
  readonly link: SerialLinkWiring | NetworkLinkWiring;
  readonly flash: FlashWiring;
  /** A clock chip, where there is one. Without it the terminal has no wall time after a start until the host sends it. */
  readonly clock?: ClockChipWiring;
  /** Only where the chip's watchdog allows less than 20 s. */
  readonly watchdog?: WatchdogTimes;
  /** What the chip has and allows, where it is none of those that the tool knows. */
  readonly chip?: Chip;
}

export interface WatchdogTimes {
  /** How long the firmware may hang before the board restarts, in s: at most what the chip allows. */
  readonly seconds: number;
  /** How often it is kicked when nothing else happens, in ms: at most half of that time. It divides 10000, so that the display changes what it shows in turns on time. */
  readonly kickMs: number;
}
