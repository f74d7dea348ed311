// Ambient types for the scripts of the simulator that run on the real interpreter: the part of Espruino's API that the firmware does not use.

/** Bytes in the forms that Espruino takes: numbers, byte strings, and arrays of them. */
type EspruinoData = number | string | ArrayLike<number> | EspruinoRepeated | readonly EspruinoData[];

interface EspruinoFile {
  /** Reads so many bytes at most, as a byte string. */
  read(lengthBytes: number): string;
  write(data: string): void;
}

interface EspruinoUtilities {
  openFile(path: string, mode: "r" | "w"): EspruinoFile;
  toString(data: EspruinoData): string;
  toArrayBuffer(text: string): ArrayBuffer;
  getTemperature(): number;
}

interface EspruinoProcess {
  memory(): { readonly usage: number };
}

/** The functions that a script may replace are properties of the global object. */
interface EspruinoGlobal {
  clearTimeout: typeof clearTimeout;
  setWatch: typeof setWatch;
  pinMode: typeof pinMode;
  digitalRead: typeof digitalRead;
  digitalWrite: typeof digitalWrite;
  digitalPulse: typeof digitalPulse;
  analogWrite: typeof analogWrite;
  getTime: typeof getTime;
}

declare const I2C1: EspruinoI2c;
declare const SPI1: EspruinoSpi;
declare const SPI2: EspruinoSpi;
declare const SPI3: EspruinoSpi;
declare const Serial1: EspruinoSerial;
declare const Serial2: EspruinoSerial;
declare const Serial3: EspruinoSerial;
declare const A0: Pin;
declare const A1: Pin;
declare const A4: Pin;
declare const A5: Pin;
declare const A6: Pin;
declare const B4: Pin;

/** Calls a function with an argument. */
declare function setTimeout(callback: (argument: string) => void, ms: number, argument: string): number;
declare function quit(): never;
declare function require(module: string): unknown;

declare module "Flash" {
  const flash: {
    read(lengthBytes: number, address: number): Uint8Array;
    write(data: Uint8Array | string, address: number): void;
    erasePage(address: number): void;
  };
  export = flash;
}
declare module "Storage" {
  const storage: { read(name: string): string | undefined };
  export = storage;
}
declare module "crypto" {
  const crypto: { SHA256(data: Uint8Array | string): ArrayBuffer };
  export = crypto;
}

/** The input of the bench's prelude. bench/installed-program.ts writes it. Pins and ports are given by their names. */
declare const bench: {
  /** Port of the cable. */
  readonly port: string;
  /** Pins of the invite key and of a citizen's key. */
  readonly invite: string;
  readonly key: string;
  /** Pins of a Wiegand reader. */
  readonly data0: string;
  readonly data1: string;
  /** Port of a serial reader. */
  readonly readerPort?: string;
  /** Bus of a reader that is asked, and its answers to each transfer, in Base64. */
  readonly bus?: string;
  readonly answers?: readonly string[];
  /** The signal of the badge: bits, or bytes. */
  readonly signal: string;
  /** Number of presses of the citizen's key that are left. */
  presses: number;
};
