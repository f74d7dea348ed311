// A board in a simulated world at the level of its pins, buses and timers, wired as its board file says. The fake Espruino globals of the `bundle` engine
// and the remote calls of the `espruino` engine both use it, so that both have the same hardware.

import type { MatrixKeysWiring } from "../../firmware/boards/board.js";
import { chipOf } from "../../firmware/tools/boards/chips.js";
import type { KeyName } from "../../hal/keys.js";
import { lowColumns } from "../chips/key-matrix.js";
import type { ChipLoss, LosingPart } from "../chips/loss.js";
import { Max7219 } from "../chips/max7219.js";
import { Mfrc522 } from "../chips/mfrc522.js";
import { MP3_READY_MS, Mp3Module } from "../chips/mp3-module.js";
import { I2cPixelChip, type PixelChip, SpiPixelChip } from "../chips/pixel-chip.js";
import { Sh1106 } from "../chips/sh1106.js";
import { ChipRefusal, SpiBuses, type SpiChip, type SpiPins, type SpiSetup } from "../chips/spi.js";
import { Ssd1306 } from "../chips/ssd1306.js";
import { Ssd1322 } from "../chips/ssd1322.js";
import { serialChunks, WIEGAND_BIT_MS } from "../hal/badge-readers.js";
import { answerConnection, createLineCutter, type Peer } from "../world/network.js";
import type { SegmentPanel } from "../world/segments.js";
import type { Inputs, LampName, Timer, World } from "../world/world.js";

/** The event for a callback of `setWatch`. */
export interface WatchEvent {
  readonly state: boolean;
  readonly time: number;
}

interface Watch {
  readonly pin: string;
  readonly edge: string;
  readonly run: (event: WatchEvent) => void;
}

/** A device on a serial port. */
interface SerialDevice {
  /** The pins of the port, or its file of the operating system. */
  readonly wires: string;
  /** Takes bytes, one character each. */
  readonly hear: (data: string) => void;
  /** Takes the device's own bytes, once the port is set up. */
  onData?: (data: string) => void;
}

/** The settings of a serial port. */
export type SerialWires = { readonly tx: string; readonly rx: string } | { readonly path: string };

function wiresOf(wires: SerialWires): string {
  return "path" in wires ? wires.path : `${wires.tx} ${wires.rx}`;
}

/** A Raspberry Pi or a PC knows the wall time; a microcontroller counts from its start. The firmware must not depend on this date. */
const LINUX_START_SECONDS = 1_760_000_000;

const PIXEL_CHIPS: Readonly<Record<"ssd1306" | "sh1106" | "ssd1322", new () => PixelChip>> = { ssd1306: Ssd1306, sh1106: Sh1106, ssd1322: Ssd1322 };

/** Rate of I2C in fast mode, which every chip supports, in bits a second. */
const I2C_MOST_HZ = 400_000;

/** Time that a bus takes for everything that was sent to the display, in ms: by the number of bits, without pauses between them. */
export interface BusTime {
  bytes: number;
  ms: number;
}

export class VirtualBoard {
  readonly inputs: Inputs;
  private readonly originSeconds: number;
  private readonly watches: Watch[] = [];
  private readonly timers = new Map<number, Timer>();
  /** The traffic to the display so far. */
  readonly displayBus: BusTime = { bytes: 0, ms: 0 };
  /** A display on I2C. */
  private i2cDisplay: I2cPixelChip | undefined;
  /** Takes something from a chip. */
  private readonly losers: Partial<Record<LosingPart, (loss: ChipLoss) => void>> = {};
  private i2cHz = 0;
  private readonly spi: SpiBuses;
  /** Inputs of chips other than chip selects, by their pins. Each is told its level, and how long it had the other one, where that is known. */
  private readonly outputs = new Map<string, (level: number, heldMs: number) => void>();
  private readonly fromTerminal: (chunk: string) => void;
  /** The devices on the serial ports, by the names of the ports. */
  private readonly serial = new Map<string, SerialDevice>();
  private readonly modes = new Map<string, string>();
  /** Rows of a matrix that are driven low, and columns that are low, as bits. */
  private rowsLow = 0;
  private columnsLow = 0;
  private isRunning = true;
  private peer: Peer | undefined;

  constructor(private readonly world: World) {
    const { board, clock } = world;
    this.originSeconds = (board.name === "linux" ? LINUX_START_SECONDS : 0) - clock.nowMs / 1000;
    this.spi = new SpiBuses(chipOf(board)?.busClockHz);
    this.wireDisplay();
    this.fromTerminal = createLineCutter(world);
    const { keys, badgeReader, sound, link, flash } = board;
    this.attachLamps();
    const cable = link.driver === "serial" ? link : link.cable;
    if (cable) this.attachSerial(cable, this.fromTerminal);
    if (badgeReader.driver === "serial") this.attachSerial(badgeReader, () => undefined);
    if (badgeReader.driver === "mfrc522") {
      const chip = new Mfrc522(() => world.cardsInField());
      this.attachSpi(badgeReader, chip, {}, () => world.hears("reader"));
      this.losers.reader = (loss) => chip.lose(loss);
    }
    if (flash.driver) this.attachSpi(flash, world.createMemory(), {}, () => world.isMemoryConnected);
    if (sound.driver === "mp3") {
      const isReady = (): boolean => clock.nowMs - world.poweredAtMs >= MP3_READY_MS;
      const module = new Mp3Module(isReady, (clip, volume) => world.playClip(clip, volume));
      this.attachSerial(sound, (data) => module.write([...Buffer.from(data, "latin1")]));
    } else this.outputs.set(sound.pin, () => world.setTone(0));
    if (keys.driver === "matrix") this.attachMatrix(keys);
    this.inputs = {
      onKey: (key, isDown) => (keys.driver === "matrix" ? this.moveColumns(keys, false) : this.edge(keys[key], !isDown)),
      onBadge: (signal) => {
        const chunks = badgeReader.driver === "serial" ? serialChunks(signal) : [];
        const device = this.serial.get(badgeReader.driver === "serial" ? badgeReader.port : "");
        for (const { data, afterMs } of chunks) clock.at(clock.nowMs + afterMs, () => this.interrupt(() => device?.onData?.(data)));
        if (badgeReader.driver !== "wiegand") return;
        [...signal].forEach((bit, i) => {
          const pin = bit === "0" ? badgeReader.data0 : badgeReader.data1;
          if (i === 0) this.edge(pin, false);
          else clock.at(clock.nowMs + i * WIEGAND_BIT_MS, () => this.isRunning && this.edge(pin, false));
        });
      },
      onHostLine: (line) => {
        const onData = cable && this.serial.get(cable.port)?.onData;
        if (onData) this.interrupt(() => onData(`${line}\n`));
        else this.peer?.say(line);
      },
      onLoss: (part, loss) => this.losers[part]?.(loss),
      onLink: (isUp) => {
        const peer = this.peer;
        this.peer = isUp ? peer : undefined;
        if (!isUp) peer?.end();
      },
    };
  }

  /** Stops the board. It calls nothing any more. */
  stop(): void {
    this.isRunning = false;
  }

  getTime(): number {
    const seconds = this.originSeconds + this.world.nowMs / 1000;
    this.world.spend("code");
    return seconds;
  }

  setTimer(id: number, ms: number, run: () => void): void {
    const timer = this.world.timer(Math.ceil(ms), () => {
      this.timers.delete(id);
      if (this.isRunning) run();
    });
    this.timers.set(id, timer);
  }

  clearTimer(id: number): void {
    const timer = this.timers.get(id);
    if (timer) this.world.cancel(timer);
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
    if (this.spi.isSelectPin(pin)) this.reach(() => this.spi.select(pin, level === 0));
    else if (this.outputs.has(pin)) this.reach(() => this.outputs.get(pin)?.(level, 0));
    else throw new Error(`nothing is wired to pin ${pin}`);
  }

  /** @param duty 0.5 is the loudest */
  analogWrite(pin: string, duty: number, frequencyHz: number): void {
    const { sound } = this.world.board;
    if (sound.driver === "mp3" || pin !== sound.pin) throw new Error(`nothing is wired to pin ${pin}`);
    this.world.setTone(frequencyHz, Math.round(duty * 200));
  }

  /** A pulse of some ms, which ends before anything else happens. With 0 ms it waits for the end of earlier pulses. */
  digitalPulse(pin: string, level: number, ms: number): void {
    if (ms <= 0) return;
    this.digitalWrite(pin, level);
    this.reach(() => this.outputs.get(pin)?.(1 - level, ms));
  }

  i2cSetup(scl: string, sda: string, bitrateHz: number): void {
    const { display, clock } = this.world.board;
    const isWired = [display, clock].some((part) => part?.bus === "I2C1" && part.scl === scl && part.sda === sda);
    if (!isWired) throw new Error(`nothing is wired to I2C1 ${scl} ${sda}`);
    this.reach(() => {
      if (bitrateHz > I2C_MOST_HZ) throw new ChipRefusal(`I2C: ${bitrateHz} Hz, the most is ${I2C_MOST_HZ}`);
    });
    this.i2cHz = bitrateHz;
  }

  /** @throws Error when no device answers at the address, as Espruino does on a microcontroller */
  i2cWrite(address: number, bytes: readonly number[]): void {
    const { board, isDisplayConnected } = this.world;
    if (address === board.clock?.address) return this.reachClock(() => this.world.writeClock(bytes));
    const display = this.i2cDisplay;
    if (!display || board.display.bus !== "I2C1" || address !== board.display.address || !isDisplayConnected) throw new Error("I2C: no answer");
    this.reach(() => {
      if (!this.i2cHz) throw new ChipRefusal("I2C: used before it was set up");
      // A start, the address and each byte with an acknowledge, and a stop.
      this.world.spend("display");
      this.displayBus.bytes += 1 + bytes.length;
      this.displayBus.ms += ((2 + 9 * (1 + bytes.length)) / this.i2cHz) * 1000;
      if (this.world.hears("display")) display.write(bytes);
    });
    this.world.showPicture((panel) => display.chip.draw(panel));
  }

  /** @throws Error when no device answers at the address, as Espruino does on a microcontroller */
  i2cRead(address: number, lengthBytes: number): Uint8Array {
    if (address !== this.world.board.clock?.address) throw new Error("I2C: no answer");
    return this.reachClock(() => this.world.readClock(lengthBytes));
  }

  private reachClock<T>(transfer: () => T): T {
    return this.reach(() => {
      if (!this.i2cHz) throw new ChipRefusal("I2C: used before it was set up");
      return transfer();
    });
  }

  /**
   * Wires a chip to an SPI bus.
   * @param others its other inputs, such as reset, each with a function that takes the level
   * @param isConnected whether its cable is plugged in
   */
  attachSpi(
    pins: SpiPins,
    chip: SpiChip,
    others: Readonly<Record<string, (level: number, heldMs: number) => void>> = {},
    isConnected?: () => boolean,
  ): void {
    this.spi.attach(pins, chip, isConnected);
    for (const [pin, hear] of Object.entries(others)) this.outputs.set(pin, hear);
  }

  spiSetup(bus: string, setup: SpiSetup): void {
    this.spi.setup(bus, setup);
  }

  /**
   * Sends bytes, and receives as many.
   * @param cs the pin that is low during the transfer; undefined: the firmware sets it itself
   * @throws ChipRefusal as `SpiBuses.exchange` does
   */
  spiSend(bus: string, bytes: readonly number[], cs?: string): number[] {
    if (cs !== undefined) this.digitalWrite(cs, 0);
    const back = this.reach(() => this.spi.exchange(bus, bytes));
    const { display } = this.world.board;
    if (display.bus !== "I2C1" && cs === display.cs) {
      this.world.spend("display");
      this.displayBus.bytes += bytes.length;
      this.displayBus.ms += ((8 * bytes.length) / (this.spi.rateHz(bus) || Number.NaN)) * 1000;
    }
    if (cs !== undefined) this.digitalWrite(cs, 1);
    return back;
  }

  private attachSerial(wiring: SerialWires & { readonly port: string }, hear: (data: string) => void): void {
    this.serial.set(wiring.port, { wires: wiresOf(wiring), hear });
  }

  serialSetup(port: string, wires: SerialWires, onData: (data: string) => void): void {
    const device = this.serial.get(port);
    if (device?.wires !== wiresOf(wires)) throw new Error(`nothing is wired to ${port} ${wiresOf(wires)}`);
    device.onData = onData;
  }

  /** @param data bytes, one character each */
  serialWrite(port: string, data: string): void {
    const device = this.serial.get(port);
    if (!device?.onData) throw new Error(`${port} is not set up`);
    device.hear(data);
  }

  /** Joins the wireless network. The answer comes after this call. @throws Error on a board without one */
  wifiConnect(onJoined: () => void): void {
    const { board, clock } = this.world;
    if (board.link.driver !== "network" || !board.link.isWireless) throw new Error("this board has no wireless network");
    clock.at(this.world.nowMs, () => this.interrupt(onJoined));
  }

  /** Tries to connect. `onConnected` or `onEnd` is called after this call. */
  netConnect(onConnected: () => void, onData: (data: string) => void, onEnd: () => void): void {
    if (this.world.board.link.driver !== "network") throw new Error("this board has no network");
    this.peer = answerConnection(this.world, () => this.isRunning, { onConnected, onData, onEnd });
  }

  netWrite(data: string): void {
    this.peer?.receive(data);
  }

  /** The terminal ends its connection. */
  netEnd(): void {
    const peer = this.peer;
    this.peer = undefined;
    peer?.end();
  }

  flashRead(address: number, lengthBytes: number): Uint8Array {
    return this.world.flash.read(this.offsetOf(address), lengthBytes);
  }

  flashWrite(address: number, data: Uint8Array): void {
    this.world.flash.write(this.offsetOf(address), data);
  }

  flashErase(address: number): void {
    this.world.flash.erase(Math.floor(this.offsetOf(address) / this.world.board.flash.pageBytes));
  }

  /** The place of an address of the chip's own flash in the region. */
  private offsetOf(address: number): number {
    const { flash } = this.world.board;
    if (flash.driver) throw new Error(`the ledger of this board is in a ${flash.chip}, not in the chip's own flash`);
    return address - flash.address;
  }

  storageRead(name: string): string | undefined {
    return this.world.files[name]?.toString("latin1");
  }

  /** The world's random number, once the binding has mixed the time into it: all engines get the same. */
  hwRand(): number {
    return this.world.random32() ^ (this.getTime() * 1_000_000);
  }

  /** Whether the board file wires a pin. */
  hasPin(name: string): boolean {
    return this.spi.isSelectPin(name) || this.pins().includes(name);
  }

  /** Every pin that the board file wires. */
  pins(): string[] {
    const { board } = this.world;
    const { display, clock } = board;
    const displayPins = display.bus === "I2C1" ? [display.scl, display.sda] : [];
    const clockPins = clock ? [clock.scl, clock.sda] : [];
    const serialPins = [...this.serial.values()].flatMap(({ wires }) => (wires.startsWith("/") ? [] : wires.split(" ")));
    return [...this.inputPins(), ...displayPins, ...clockPins, ...serialPins, ...this.spi.pins(), ...this.outputs.keys()];
  }

  private wireDisplay(): void {
    const { world } = this;
    const { display } = world.board;
    const isConnected = (): boolean => world.hears("display");
    if (display.driver === "max7219") {
      const chip = new Max7219(() => world.showPicture((panel) => chip.draw(panel as SegmentPanel)));
      this.attachSpi(display, chip, {}, isConnected);
      this.losers.display = (loss) => chip.lose(loss);
      return;
    }
    const chip = new PIXEL_CHIPS[display.driver]();
    if (display.bus === "I2C1") {
      const onI2c = new I2cPixelChip(chip);
      this.i2cDisplay = onI2c;
      this.losers.display = (loss) => {
        onI2c.lose(loss);
        world.showPicture((panel) => chip.draw(panel));
      };
      return;
    }
    const onSpi = new SpiPixelChip(chip, () => world.showPicture((panel) => chip.draw(panel)));
    this.losers.display = (loss) => onSpi.lose(loss);
    const others = {
      [display.dc]: (level: number) => onSpi.dc(level),
      [display.reset]: (level: number, heldMs: number) => isConnected() && onSpi.res(level, heldMs),
    };
    this.attachSpi(display, onSpi, others, isConnected);
  }

  /** Passes something to a chip. The world is told of every refusal, also where the firmware ignores it. */
  private reach<T>(happen: () => T): T {
    try {
      return happen();
    } catch (error) {
      if (error instanceof ChipRefusal) this.world.refuse(error);
      throw error;
    }
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

  /** Sets the columns, which follow contacts and rows. The firmware is told of edges after its current code has ended, as by an interrupt. */
  private moveColumns(keys: MatrixKeysWiring, isLater: boolean): void {
    const low = lowColumns(keys, this.world.keysDown, this.rowsLow);
    const changed = low ^ this.columnsLow;
    this.columnsLow = low;
    keys.columns.forEach((pin, column) => {
      if (!((changed >> column) & 1)) return;
      const isHigh = !((low >> column) & 1);
      if (!isLater) this.edge(pin, isHigh);
      else this.world.clock.at(this.world.nowMs, () => this.isRunning && this.edge(pin, isHigh));
    });
  }

  private edge(pin: string, isHigh: boolean): void {
    const event = { state: isHigh, time: this.originSeconds + this.world.clock.nowMs / 1000 };
    for (const watch of this.watches) if (watch.pin === pin && (watch.edge === "both" || !isHigh)) this.interrupt(() => watch.run(event));
  }

  /** Calls the firmware, when its turn comes. */
  private interrupt(run: () => void): void {
    this.world.interrupt(() => this.isRunning && run());
  }
}
