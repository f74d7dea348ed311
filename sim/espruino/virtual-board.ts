// A board at the level of its pins, buses and timers, wired as its board file says, in a simulated world. The fake Espruino globals of the `bundle`
// engine and the remote calls of the `espruino` engine both end here, so there is one truth about the hardware.

import type { KeyName } from "../../hal/keys.js";
import { Ssd1306 } from "../chips/ssd1306.js";
import { WIEGAND_BIT_MS } from "../hal/simulated-hal.js";
import { answerConnection, createLineCutter, type Peer } from "../network.js";
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

/** A Raspberry Pi or a PC knows the wall time; a microcontroller counts from its start. Any date will do: the firmware must not care. */
const LINUX_START_SECONDS = 1_760_000_000;

export class VirtualBoard {
  readonly inputs: Inputs;
  private readonly originSeconds: number;
  private readonly watches: Watch[] = [];
  private readonly timers = new Map<number, object>();
  private readonly display: Ssd1306;
  private readonly fromTerminal: (chunk: string) => void;
  private isRunning = true;
  private onSerialData: ((data: string) => void) | undefined;
  private isSerialReady = false;
  private peer: Peer | undefined;

  constructor(private readonly world: World) {
    const { board, clock } = world;
    this.originSeconds = (board.name === "linux" ? LINUX_START_SECONDS : 0) - clock.nowMs / 1000;
    this.display = new Ssd1306(world.panel, () => world.touchDisplay());
    this.fromTerminal = createLineCutter(world);
    this.inputs = {
      onKey: (key, isDown) => this.edge(board.keys[key], !isDown),
      onBadge: (bits) => {
        [...bits].forEach((bit, i) => {
          const pin = bit === "0" ? board.badgeReader.data0 : board.badgeReader.data1;
          if (i === 0) this.edge(pin, false);
          else clock.at(clock.nowMs + i * WIEGAND_BIT_MS, () => this.isRunning && this.edge(pin, false));
        });
      },
      onHostLine: (line) => (this.onSerialData ? this.onSerialData(`${line}\n`) : this.peer?.say(line)),
      onLink: (isUp) => {
        const peer = this.peer;
        this.peer = isUp ? peer : undefined;
        if (!isUp) peer?.end();
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

  serialSetup(port: string, tx: string, rx: string, onData: (data: string) => void): void {
    const { link } = this.world.board;
    const cable = link.driver === "serial" ? link : link.cable;
    if (!cable || cable.port !== port || cable.tx !== tx || cable.rx !== rx) throw new Error(`nothing is wired to ${port} ${tx} ${rx}`);
    this.isSerialReady = true;
    this.onSerialData = onData;
  }

  serialWrite(data: string): void {
    if (!this.isSerialReady) throw new Error("the serial port is not set up");
    this.fromTerminal(data);
  }

  /** Joins the wireless network; the answer comes later. @throws Error on a board without one */
  wifiConnect(onJoined: () => void): void {
    const { board, clock } = this.world;
    if (board.link.driver !== "network" || !board.link.isWireless) throw new Error("this board has no wireless network");
    clock.at(clock.nowMs, () => {
      if (this.isRunning) onJoined();
    });
  }

  /** Tries to connect; the answer comes later: `onConnected` or `onEnd`. */
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
    const cable = link.driver === "serial" ? link : link.cable;
    const linkPins = cable ? [cable.tx, cable.rx] : [];
    return [...this.inputPins(), board.pauseLamp.pin, board.answerLamp.pin, board.sound.pin, display.scl, display.sda, ...linkPins];
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
