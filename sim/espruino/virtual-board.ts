// A board at the level of its pins, buses and timers, wired as its board file says, in a simulated world. The fake Espruino globals of the `bundle`
// engine and the remote calls of the `espruino` engine both end here, so there is one truth about the hardware.

import type { MatrixKeysWiring } from "../../firmware/boards/board.js";
import { createLineCutter } from "../../hal/espruino/link/lines.js";
import type { KeyName } from "../../hal/keys.js";
import { lowColumns } from "../chips/key-matrix.js";
import { Mfrc522 } from "../chips/mfrc522.js";
import { MP3_READY_MS, Mp3Module } from "../chips/mp3-module.js";
import { SpiBuses, type SpiChip, type SpiPins, type SpiSetup } from "../chips/spi.js";
import { Ssd1306 } from "../chips/ssd1306.js";
import { serialChunks, WIEGAND_BIT_MS } from "../hal/badge-readers.js";
import type { Inputs, LampName, World } from "../world.js";

/** What `setWatch` gives its callback. */
export interface WatchEvent {
  readonly state: boolean;
  readonly time: number;
}

interface Watch {
  readonly pin: string;
  readonly edge: string;
  readonly run: (event: WatchEvent) => void;
}

interface Socket {
  onData: (data: string) => void;
  onEnd: () => void;
}

/** A device on a serial port. */
interface SerialDevice {
  readonly tx: string;
  readonly rx: string;
  /** Bytes for it, one character each. */
  readonly hear: (data: string) => void;
  /** Where its own bytes go, once the port is set up. */
  onData?: (data: string) => void;
}

/** A Raspberry Pi or a PC knows the wall time; a microcontroller counts from its start. Any date will do: the firmware must not care. */
const LINUX_START_SECONDS = 1_760_000_000;

export class VirtualBoard {
  readonly inputs: Inputs;
  private readonly originSeconds: number;
  private readonly watches: Watch[] = [];
  private readonly timers = new Map<number, object>();
  private readonly display: Ssd1306;
  private readonly spi = new SpiBuses();
  /** What hangs on an output pin beside lamps, sounder and chip selects: it hears the level. */
  private readonly outputs = new Map<string, (level: number) => void>();
  private readonly fromTerminal: (chunk: string) => void;
  /** What hangs on the serial ports, by their names. */
  private readonly serial = new Map<string, SerialDevice>();
  private readonly modes = new Map<string, string>();
  /** Rows of a matrix that are driven low, and columns that were low last, a bit each. */
  private rowsLow = 0;
  private columnsLow = 0;
  private isRunning = true;
  private socket: Socket | undefined;

  constructor(private readonly world: World) {
    const { board, clock } = world;
    this.originSeconds = (board.name === "linux" ? LINUX_START_SECONDS : 0) - clock.nowMs / 1000;
    this.display = new Ssd1306(world.panel, () => world.touchDisplay());
    this.fromTerminal = createLineCutter((line) => world.receiveLine(line));
    const { keys, badgeReader, sound, link } = board;
    this.attachLamps();
    if (link.driver === "serial") this.serial.set(link.port, { ...link, hear: this.fromTerminal });
    if (badgeReader.driver === "serial") this.serial.set(badgeReader.port, { ...badgeReader, hear: () => undefined });
    if (badgeReader.driver === "mfrc522") this.attachSpi(badgeReader, new Mfrc522(() => world.cardsInField()), {}, () => world.isReaderConnected);
    if (sound.driver === "mp3") {
      const isReady = (): boolean => clock.nowMs - world.poweredAtMs >= MP3_READY_MS;
      const module = new Mp3Module(isReady, (clip, volume) => world.playClip(clip, volume));
      this.serial.set(sound.port, { ...sound, hear: (data) => module.write([...Buffer.from(data, "latin1")]) });
    } else this.outputs.set(sound.pin, () => world.setTone(0));
    if (keys.driver === "matrix") this.attachMatrix(keys);
    this.inputs = {
      onKey: (key, isDown) => (keys.driver === "matrix" ? this.moveColumns(keys, false) : this.edge(keys[key], !isDown)),
      onBadge: (signal) => {
        const chunks = badgeReader.driver === "serial" ? serialChunks(signal) : [];
        const device = this.serial.get(badgeReader.driver === "serial" ? badgeReader.port : "");
        for (const { data, afterMs } of chunks) clock.at(clock.nowMs + afterMs, () => this.isRunning && device?.onData?.(data));
        if (badgeReader.driver !== "wiegand") return;
        [...signal].forEach((bit, i) => {
          const pin = bit === "0" ? badgeReader.data0 : badgeReader.data1;
          if (i === 0) this.edge(pin, false);
          else clock.at(clock.nowMs + i * WIEGAND_BIT_MS, () => this.isRunning && this.edge(pin, false));
        });
      },
      onHostLine: (line) => (link.driver === "tcp" ? this.socket : this.serial.get(link.port))?.onData?.(`${line}\n`),
      onLink: (isUp) => {
        const socket = this.socket;
        this.socket = isUp ? socket : undefined;
        if (!isUp) socket?.onEnd();
      },
    };
  }

  /** Nothing comes from this board any more. */
  stop(): void {
    this.isRunning = false;
  }

  getTime(): number {
    return this.originSeconds + this.world.clock.nowMs / 1000;
  }

  setTimer(id: number, ms: number, run: () => void): void {
    const { clock } = this.world;
    const task = clock.at(clock.nowMs + Math.ceil(ms), () => {
      this.timers.delete(id);
      if (this.isRunning) run();
    });
    this.timers.set(id, task);
  }

  clearTimer(id: number): void {
    const task = this.timers.get(id);
    if (task) this.world.clock.cancel(task);
    this.timers.delete(id);
  }

  setWatch(pin: string, edge: string, run: (event: WatchEvent) => void): void {
    if (!this.inputPins().includes(pin)) throw new Error(`nothing is wired to pin ${pin}`);
    // An STM32 has one interrupt line for all pins of the same number.
    const number = /^[A-C](\d+)$/.exec(pin)?.[1];
    const other = this.watches.find((watch) => watch.pin !== pin && /^[A-C](\d+)$/.exec(watch.pin)?.[1] === number);
    if (number && other) throw new Error(`pin ${pin} cannot be watched beside ${other.pin}`);
    this.watches.push({ pin, edge, run });
  }

  pinMode(pin: string, mode: string): void {
    this.modes.set(pin, mode);
  }

  /** Level of an input: high unless its contact is closed. */
  digitalRead(pin: string): 0 | 1 {
    if (!this.inputPins().includes(pin)) throw new Error(`nothing is wired to pin ${pin}`);
    if (this.modes.get(pin) !== "input_pullup") throw new Error(`nothing pulls up pin ${pin}`);
    const { keys } = this.world.board;
    if (keys.driver === "matrix") return (lowColumns(keys, this.world.keysDown, this.rowsLow) >> keys.columns.indexOf(pin)) & 1 ? 0 : 1;
    return [...this.world.keysDown].some((key) => keys[key] === pin) ? 0 : 1;
  }

  digitalWrite(pin: string, level: number): void {
    if (this.spi.selectPins().includes(pin)) this.spi.select(pin, level === 0);
    else if (this.outputs.has(pin)) this.outputs.get(pin)?.(level);
    else throw new Error(`nothing is wired to pin ${pin}`);
  }

  /** @param duty 0.5 is the loudest */
  analogWrite(pin: string, duty: number, frequencyHz: number): void {
    const { sound } = this.world.board;
    if (sound.driver === "mp3" || pin !== sound.pin) throw new Error(`nothing is wired to pin ${pin}`);
    this.world.setTone(frequencyHz, Math.round(duty * 200));
  }

  /** @throws Error when no device answers at the address, as Espruino does on a microcontroller */
  i2cWrite(address: number, bytes: readonly number[]): void {
    const { board, isDisplayConnected } = this.world;
    if (address !== board.display.address || !isDisplayConnected) throw new Error("I2C: no answer");
    this.display.write(bytes);
  }

  /**
   * Wires a chip to an SPI bus.
   * @param others its other inputs, such as reset, and what they do at a level
   * @param isConnected whether its cable is in
   */
  attachSpi(pins: SpiPins, chip: SpiChip, others: Readonly<Record<string, (level: number) => void>> = {}, isConnected?: () => boolean): void {
    this.spi.attach(pins, chip, isConnected);
    for (const [pin, hear] of Object.entries(others)) this.outputs.set(pin, hear);
  }

  spiSetup(bus: string, setup: SpiSetup): void {
    this.spi.setup(bus, setup);
  }

  /**
   * Sends bytes and receives as many.
   * @param cs the pin that is low meanwhile; undefined: the firmware does that itself
   * @throws ChipRefusal as `SpiBuses.exchange` does
   */
  spiSend(bus: string, bytes: readonly number[], cs?: string): number[] {
    if (cs !== undefined) this.digitalWrite(cs, 0);
    const back = this.spi.exchange(bus, bytes);
    if (cs !== undefined) this.digitalWrite(cs, 1);
    return back;
  }

  serialSetup(port: string, tx: string, rx: string, onData: (data: string) => void): void {
    const device = this.serial.get(port);
    if (!device || device.tx !== tx || device.rx !== rx) throw new Error(`nothing is wired to ${port} ${tx} ${rx}`);
    device.onData = onData;
  }

  /** @param data bytes, one character each */
  serialWrite(port: string, data: string): void {
    const device = this.serial.get(port);
    if (!device?.onData) throw new Error(`${port} is not set up`);
    device.hear(data);
  }

  /** Tries to connect; the answer comes later: `onConnected` or `onEnd`. */
  netConnect(onConnected: () => void, onData: (data: string) => void, onEnd: () => void): void {
    const { clock } = this.world;
    clock.at(clock.nowMs, () => {
      if (!this.isRunning) return;
      if (!this.world.isLinkUp) onEnd();
      else {
        this.socket = { onData, onEnd };
        onConnected();
      }
    });
  }

  netWrite(data: string): void {
    if (this.socket) this.fromTerminal(data);
  }

  flashRead(address: number, lengthBytes: number): Uint8Array {
    return this.world.flash.read(address - this.world.board.flash.address, lengthBytes);
  }

  flashWrite(address: number, data: Uint8Array): void {
    this.world.flash.write(address - this.world.board.flash.address, data);
  }

  flashErase(address: number): void {
    const { flash } = this.world.board;
    this.world.flash.erase(Math.floor((address - flash.address) / flash.pageBytes));
  }

  storageRead(name: string): string | undefined {
    return this.world.files[name]?.toString("latin1");
  }

  random32(): number {
    return this.world.random32();
  }

  /** Every pin that the board file wires. */
  pins(): string[] {
    const { board } = this.world;
    const { display } = board;
    const serialPins = [...this.serial.values()].flatMap(({ tx, rx }) => [tx, rx]);
    return [...this.inputPins(), display.scl, display.sda, ...serialPins, ...this.spi.pins(), ...this.outputs.keys()];
  }

  private inputPins(): string[] {
    const { keys, badgeReader } = this.world.board;
    const keyPins = keys.driver === "matrix" ? keys.columns : (Object.keys(keys) as KeyName[]).map((key) => keys[key]);
    return [...keyPins, ...(badgeReader.driver === "wiegand" ? [badgeReader.data0, badgeReader.data1] : [])];
  }

  private attachLamps(): void {
    const { pauseLamp, answerLamp, ringLamps, signLamp } = this.world.board;
    const wirings = Object.entries({ pause: pauseLamp, answer: answerLamp, rings: ringLamps, sign: signLamp });
    for (const [name, wiring] of wirings) {
      if (wiring) this.outputs.set(wiring.pin, (level) => this.world.setLamp(name as LampName, level === wiring.litLevel));
    }
  }

  private attachMatrix(keys: MatrixKeysWiring): void {
    keys.rows.forEach((pin, row) => {
      this.outputs.set(pin, (level) => {
        if (this.modes.get(pin) !== "opendrain") throw new Error(`row ${pin} is driven high: two keys of a column would join two outputs`);
        this.rowsLow = level ? this.rowsLow & ~(1 << row) : this.rowsLow | (1 << row);
        this.moveColumns(keys, true);
      });
    });
  }

  /** Columns follow the contacts and the rows. What the firmware causes itself it hears of when it has come to rest, as from an interrupt. */
  private moveColumns(keys: MatrixKeysWiring, isLater: boolean): void {
    const low = lowColumns(keys, this.world.keysDown, this.rowsLow);
    const changed = low ^ this.columnsLow;
    this.columnsLow = low;
    keys.columns.forEach((pin, column) => {
      if (!((changed >> column) & 1)) return;
      const isHigh = !((low >> column) & 1);
      if (!isLater) this.edge(pin, isHigh);
      else this.world.clock.at(this.world.clock.nowMs, () => this.isRunning && this.edge(pin, isHigh));
    });
  }

  private edge(pin: string, isHigh: boolean): void {
    const event = { state: isHigh, time: this.getTime() };
    for (const watch of this.watches) if (watch.pin === pin && (watch.edge === "both" || !isHigh)) watch.run(event);
  }
}
