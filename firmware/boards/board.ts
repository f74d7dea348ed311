// What a board file states. A board file is data only: a new board is one such file in this folder, named in `npm run build -- --board NAME`.

import type { KeyName } from "../../hal/keys.js";

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
  /** Inputs with the chip's own pull-up, each watched. */
  readonly columns: readonly PinName[];
  /** The keys of each row by columns; "" where there is none. */
  readonly places: readonly (readonly (KeyName | "")[])[];
  /** Each contact has a diode that lets current flow from its column to its row only. Without them three keys can look like four: see the driver. */
  readonly hasDiodes: boolean;
}

/** A piezo buzzer on a pin with PWM. */
export interface BuzzerWiring {
  readonly driver?: never;
  readonly pin: PinName;
}

/** A voice module that plays MP3 files (DFPlayer Mini and its like) on a serial port with 9600 baud. */
export interface Mp3Wiring {
  /** The driver's file in `hal/espruino/sound`. */
  readonly driver: "mp3";
  readonly port: SerialPortName;
  /** To the module's RX, through 1 kOhm. */
  readonly tx: PinName;
  /** From the module's TX: what it says is not heard, but the port has the pin. */
  readonly rx: PinName;
}

export type SerialPortName = "Serial1" | "Serial2" | "Serial3";

/** SSD1306 or SH1106, 128x64 pixels, on I2C. A module without an answer is a fault. */
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

/** A display of pixels on SPI with four wires (mode 0): 128x64, the SSD1322 256x64. It has no answer, so that a loose cable is not noticed. */
export interface SpiDisplayWiring {
  readonly driver: "ssd1306" | "sh1106" | "ssd1322";
  /** In hardware. */
  readonly bus: SpiBusName;
  readonly sck: PinName;
  /** SDA, SDIN or D1 on the module. */
  readonly mosi: PinName;
  readonly cs: PinName;
  /** Data or command, D/C or A0 on the module. */
  readonly dc: PinName;
  /** RES or RST on the module. */
  readonly reset: PinName;
  /** At most 10 MHz, SH1106 4 MHz. An STM32 takes the nearest of its own rates, up to 1.5 times as fast. */
  readonly bitrateHz: number;
}

/** MAX7219 with seven-segment digits, on SPI (mode 0): staff number and words, see `hal/espruino/display/MAX7219.md`. */
export interface SegmentDisplayWiring {
  readonly driver: "max7219";
  /** In hardware, or `software` on any pins, which has no bit rate of its own. */
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
  /** Digits from the right that are fitted, 4 to 8. */
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

/** A 125 kHz reader that sends the number of a badge (RDM6300 and its like) over a serial port. */
export interface SerialReaderWiring {
  /** The driver's file in `hal/espruino/badge-reader`. */
  readonly driver: "serial";
  readonly port: SerialPortName;
  readonly tx: PinName;
  /** From the reader's TX, through a level shifter: it sends 5 V. */
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
  /** The port is the board's console without USB: the link takes it over while the firmware runs. */
  readonly isConsole: boolean;
}

export interface NetworkLinkWiring {
  /** Lines over TCP or MQTT, as the configuration's host says. */
  readonly driver: "network";
  /** The board joins the wireless network of its configuration first. */
  readonly isWireless: boolean;
  /** The cable that is used without a host, where the board has one. */
  readonly cable?: Omit<SerialLinkWiring, "driver"> | SerialDeviceWiring;
}

/** A serial port of the operating system, on Linux. */
export interface SerialDeviceWiring {
  readonly port: SerialPortName;
  /** Its file, such as `/dev/ttyUSB0`. */
  readonly path: string;
  readonly baudHz: number;
  readonly isConsole: false;
}

export interface FlashWiring {
  /** Address of the first page. */
  readonly address: number;
  readonly pageBytes: number;
  /** Pages of the ledger. */
  readonly pageCount: number;
  /** Pages behind them that hold two slots for a newer configuration and roster, an even number; 0: too few pages, nothing can be replaced. */
  readonly slotPages: number;
  readonly alignBytes: 1 | 4 | 8;
  /**
   * Where the region lies inside Storage: the file that holds it, written first and once, when the board is provisioned. Absent where the
   * region is outside Storage.
   */
  readonly storageFile?: { readonly name: string; readonly lengthBytes: number };
}

export interface Board {
  /** The name of this file, and of the folder in `dist`. */
  readonly name: string;
  /** What `process.env.BOARD` says on it. */
  readonly espruinoName: string;
  /** JavaScript variables that its interpreter has. */
  readonly variables: number;
  /** Flash that its interpreter keeps for code and files (Storage). */
  readonly storage: { readonly address: number; readonly lengthBytes: number };
  /** One pin a key, closing to ground, with the chip's own pull-up; or a matrix. */
  readonly keys: (Readonly<Record<KeyName, PinName>> & { readonly driver?: never }) | MatrixKeysWiring;
  readonly pauseLamp: LampWiring;
  readonly answerLamp: LampWiring;
  /** The rings around the citizens' keys, all on one pin, where the keypad has them. */
  readonly ringLamps?: LampWiring;
  /** The second light of the pause sign, where it has one. */
  readonly signLamp?: LampWiring;
  readonly sound: BuzzerWiring | Mp3Wiring;
  readonly display: DisplayWiring;
  readonly badgeReader: WiegandWiring | SerialReaderWiring | Mfrc522Wiring;
  readonly link: SerialLinkWiring | NetworkLinkWiring;
  readonly flash: FlashWiring;
}
