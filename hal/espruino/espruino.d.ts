// The part of Espruino's API that the bindings use, as ambient types. Source: the reference of Espruino 2v29, which has a page for each class.

type Pin = number & { readonly __pin: unique symbol };

interface WatchEvent {
  readonly state: boolean;
  /** Time of the edge in seconds, on the scale of getTime(), taken in the interrupt. */
  readonly time: number;
}

interface EspruinoI2c {
  setup(options: { scl: Pin; sda: Pin; bitrate: number }): void;
  /** @throws where nothing answers */
  writeTo(address: number, ...data: (number | ArrayLike<number>)[]): void;
  /** @throws where nothing answers */
  readFrom(address: number, lengthBytes: number): Uint8Array;
}

/** A byte that is sent so many times. */
interface EspruinoRepeated {
  readonly data: number;
  readonly count: number;
}

interface EspruinoSpi {
  setup(options: { sck: Pin; mosi: Pin; miso?: Pin; baud: number }): void;
  /** Chip select is low meanwhile. Without `cs` the caller sets it. */
  write(command: ArrayLike<number>, data: ArrayLike<number> | EspruinoRepeated, cs: Pin): void;
  write(data: ArrayLike<number> | string, cs?: Pin): void;
  /** Chip select is low meanwhile. Without `cs` the caller sets it. @returns the received bytes, as many as were sent */
  send(data: readonly number[] | EspruinoRepeated, cs?: Pin): Uint8Array;
  send(data: string, cs: Pin): string;
}

interface EspruinoSerial {
  setup(baudHz: number, options: { tx: Pin; rx: Pin } | { path: string }): void;
  on(event: "data", callback: (data: string) => void): void;
  write(data: string | readonly number[]): void;
}

interface EspruinoSocket {
  on(event: "data", callback: (data: string) => void): void;
  /** `drain`: everything that was written has been sent. */
  on(event: "close" | "error" | "drain", callback: () => void): void;
  removeAllListeners(): void;
  /** Always false. @throws where the socket is closing */
  write(data: string): boolean;
  end(): void;
}

interface EspruinoGraphics {
  /** With `vertical_byte` each byte is a column of eight pixels, otherwise a part of a line. Without `msb` the first pixel is in the lowest bits. */
  readonly buffer: ArrayBuffer;
  clear(): void;
  fillRect(x1: number, y1: number, x2: number, y2: number): void;
  drawImage(
    image: { width: number; height: number; bpp: 1; buffer: string | Uint8Array; palette?: Uint16Array },
    x: number,
    y: number,
    options?: { scale: number },
  ): void;
}

interface EspruinoUtilities {
  CRC32(data: ArrayLike<number> | string): number;
  hwRand(): number;
  toUint8Array(text: string): Uint8Array;
  enableWatchdog(timeoutSeconds: number, isAutomatic: boolean): void;
  kickWatchdog(): void;
  reboot(): void;
  /** Returns the error flags, and clears them. */
  getErrorFlags(): string[];
  setConsole(device: null | string, options?: { force: boolean }): void;
}
declare const E: EspruinoUtilities;
declare const Graphics: {
  createArrayBuffer(width: number, height: number, bitsPerPixel: 1 | 4, options: { vertical_byte?: boolean; msb: boolean }): EspruinoGraphics;
};
/** A bus in software, on any pins. It ignores `baud`. */
declare const SPI: new () => EspruinoSpi;
interface EspruinoProcess {
  /** @param isCollected whether garbage is collected first */
  memory(isCollected: boolean): { readonly free: number; readonly blocksize: number };
}
declare const process: EspruinoProcess & { readonly env: { readonly BOARD: string } };
// Together with Node's types, `process` has the type of Node.
declare namespace NodeJS {
  interface Process extends EspruinoProcess {}
}

declare function getTime(): number;
declare function setTimeout(callback: () => void, ms: number): number;
declare function clearTimeout(id: number): void;
declare function setWatch(callback: (event: WatchEvent) => void, pin: Pin, options: { repeat: true; edge: "both" | "falling" }): number;
declare function pinMode(pin: Pin, mode: "input_pullup" | "input" | "output" | "opendrain"): void;
declare function digitalWrite(pin: Pin, level: 0 | 1): void;
/** Sets a pin to a level for some ms, then to the other one, and returns at once. With 0 ms it waits for the end of earlier pulses. */
declare function digitalPulse(pin: Pin, level: 0 | 1, ms: number): void;
declare function digitalRead(pin: Pin): 0 | 1;
declare function analogWrite(pin: Pin, duty: number, options: { freq: number }): void;
declare function atob(text: string): string;
declare function btoa(data: Uint8Array | string): string;
/** Raw flash. Some boards throw where it is not theirs. */
interface EspruinoFlash {
  read(lengthBytes: number, address: number): Uint8Array;
  write(data: Uint8Array, address: number): void;
  /** @param address an integer */
  erasePage(address: number): void;
}
declare function require(module: "Flash"): EspruinoFlash;
declare function require(module: "crypto"): { SHA256(data: Uint8Array): ArrayBuffer };
declare function require(module: "Storage"): { read(name: string): string | undefined };
interface EspruinoNet {
  /** @throws where the host has no address or refuses at once, or there is no network */
  connect(options: { host: string; port: number }, onConnected: (socket: EspruinoSocket) => void): EspruinoSocket;
}
declare function require(module: "net" | "tls"): EspruinoNet;
declare function require(module: "Wifi"): {
  connect(name: string, options: { password?: string }, onDone: (problem: string | null) => void): void;
  on(event: "disconnected", callback: () => void): void;
};
declare function require(module: "TelnetServer"): { setOptions(options: { mode: "on" | "off" }): void };
/** Every declaration at the top of a program, and every function of the interpreter, is a property of the global object. */
interface EspruinoGlobal {
  [name: string]: unknown;
}
declare const global: EspruinoGlobal;
