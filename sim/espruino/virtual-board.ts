// A board at the level of its pins, buses and timers, wired as its board file says, in a simulated world. The fake Espruino globals of the `bundle`
// engine and the remote calls of the `espruino` engine both end here, so there is one truth about the hardware.

import { createLineCutter } from "../../hal/espruino/link/lines.js";
import type { KeyName } from "../../hal/keys.js";
import { SpiBuses, type SpiChip, type SpiPins, type SpiSetup } from "../chips/spi.js";
import { Ssd1306 } from "../chips/ssd1306.js";
import { WIEGAND_BIT_MS } from "../hal/simulated-hal.js";
import type { Inputs, World } from "../world.js";

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
  private isRunning = true;
  private onSerialData: ((data: string) => void) | undefined;
  private isSerialReady = false;
  private socket: Socket | undefined;

  constructor(private readonly world: World) {
    const { board, clock } = world;
    this.originSeconds = (board.name === "linux" ? LINUX_START_SECONDS : 0) - clock.nowMs / 1000;
    this.display = new Ssd1306(world.panel, () => world.touchDisplay());
    this.fromTerminal = createLineCutter((line) => world.receiveLine(line));
    this.inputs = {
      onKey: (key, isDown) => this.edge(board.keys[key], !isDown),
      onBadge: (bits) => {
        [...bits].forEach((bit, i) => {
          const pin = bit === "0" ? board.badgeReader.data0 : board.badgeReader.data1;
          if (i === 0) this.edge(pin, false);
          else clock.at(clock.nowMs + i * WIEGAND_BIT_MS, () => this.isRunning && this.edge(pin, false));
        });
      },
      onHostLine: (line) => (board.link.driver === "tcp" ? this.socket?.onData(`${line}\n`) : this.onSerialData?.(`${line}\n`)),
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

  /** Level of an input: high unless its contact is closed. */
  digitalRead(pin: string): 0 | 1 {
    if (!this.inputPins().includes(pin)) throw new Error(`nothing is wired to pin ${pin}`);
    return [...this.world.keysDown].some((key) => this.world.board.keys[key] === pin) ? 0 : 1;
  }

  digitalWrite(pin: string, level: number): void {
    const { board } = this.world;
    if (pin === board.pauseLamp.pin) this.world.setLamp("pause", level === board.pauseLamp.litLevel);
    else if (pin === board.answerLamp.pin) this.world.setLamp("answer", level === board.answerLamp.litLevel);
    else if (pin === board.sound.pin) this.world.setTone(0);
    else if (this.spi.selectPins().includes(pin)) this.spi.select(pin, level === 0);
    else if (this.outputs.has(pin)) this.outputs.get(pin)?.(level);
    else throw new Error(`nothing is wired to pin ${pin}`);
  }

  analogWrite(pin: string, frequencyHz: number): void {
    if (pin !== this.world.board.sound.pin) throw new Error(`nothing is wired to pin ${pin}`);
    this.world.setTone(frequencyHz);
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
    const { link } = this.world.board;
    if (link.driver !== "serial" || link.port !== port || link.tx !== tx || link.rx !== rx)
      throw new Error(`nothing is wired to ${port} ${tx} ${rx}`);
    this.isSerialReady = true;
    this.onSerialData = onData;
  }

  serialWrite(data: string): void {
    if (!this.isSerialReady) throw new Error("the serial port is not set up");
    this.fromTerminal(data);
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
    const { link, display } = board;
    const linkPins = link.driver === "serial" ? [link.tx, link.rx] : [];
    const spiPins = [...this.spi.pins(), ...this.outputs.keys()];
    return [...this.inputPins(), board.pauseLamp.pin, board.answerLamp.pin, board.sound.pin, display.scl, display.sda, ...linkPins, ...spiPins];
  }

  private inputPins(): string[] {
    const { board } = this.world;
    return [...(Object.keys(board.keys) as KeyName[]).map((key) => board.keys[key]), board.badgeReader.data0, board.badgeReader.data1];
  }

  private edge(pin: string, isHigh: boolean): void {
    const event = { state: isHigh, time: this.getTime() };
    for (const watch of this.watches) if (watch.pin === pin && (watch.edge === "both" || !isHigh)) watch.run(event);
  }
}
