// What a board file states. A board file is data only: a new board is one such file in this folder, named in `npm run build -- --board NAME`.

import type { KeyName } from "../../hal/keys.js";

/** The name of a pin as Espruino prints it, such as `B15` or `D4`. */
export type PinName = string;

export interface LampWiring {
  readonly pin: PinName;
  /** The level at which the lamp is lit. */
  readonly litLevel: 0 | 1;
}

export interface DisplayWiring {
  /** The driver's file in `hal/espruino/display`. */
  readonly driver: "ssd1306";
  readonly bus: "I2C1";
  readonly scl: PinName;
  readonly sda: PinName;
  /** Bus address: 0x3C, or 0x3D where the module's address pin is high. */
  readonly address: number;
  readonly bitrateHz: number;
}

export interface BadgeReaderWiring {
  /** The driver's file in `hal/espruino/badge-reader`. */
  readonly driver: "wiegand";
  readonly data0: PinName;
  readonly data1: PinName;
}

export interface SerialLinkWiring {
  /** The driver's file in `hal/espruino/link`. */
  readonly driver: "serial";
  readonly port: "Serial1" | "Serial2";
  readonly tx: PinName;
  readonly rx: PinName;
  readonly baudHz: number;
  /** The port is the board's console without USB: the link takes it over while the firmware runs. */
  readonly isConsole: boolean;
}

export interface TcpLinkWiring {
  readonly driver: "tcp";
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
  /** One pin a key, closing to ground, with the chip's own pull-up. */
  readonly keys: Readonly<Record<KeyName, PinName>>;
  readonly pauseLamp: LampWiring;
  readonly answerLamp: LampWiring;
  /** A piezo buzzer on a pin with PWM. */
  readonly sound: { readonly pin: PinName };
  readonly display: DisplayWiring;
  readonly badgeReader: BadgeReaderWiring;
  readonly link: SerialLinkWiring | TcpLinkWiring;
  readonly flash: FlashWiring;
}
