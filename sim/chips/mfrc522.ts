// An MFRC522, as a driver sees it: registers, FIFO, timer and the field in front of its antenna. Source: NXP's datasheet MFRC522 rev 3.9, sections 8.1.2
// (SPI), 9.2 (overview of the registers), 9.3 (each register) and 10.3 (commands). It refuses every use that no driver of this project may make of it.

import { Card } from "./card.js";
import type { ChipLoss } from "./loss.js";
import { ChipRefusal, type SpiChip } from "./spi.js";

/** Reset values other than 0, from the tables of section 9.3. */
const RESET: Readonly<Record<number, number>> = {
  1: 0x20,
  2: 0x80,
  4: 0x14,
  7: 0x21,
  11: 0x08,
  12: 0x10,
  17: 0x3f,
  20: 0x80,
  22: 0x10,
  23: 0x84,
  24: 0x84,
  25: 0x4d,
  28: 0x62,
  38: 0x48,
  55: 0x92,
};
const FIFO_BYTES = 64;
/** Number of reads of the interrupt register until the exchange with a card has ended, or its time is over: that takes about 1.3 ms, and a read 1 ms or more. */
const READS_UNTIL_DONE = 2;

export class Mfrc522 implements SpiChip {
  readonly name = "MFRC522";
  readonly mostHz = 10_000_000;
  readonly modes = [0];
  private readonly registers = new Uint8Array(64);
  private fifo: number[] = [];
  /** Interrupts of the current exchange, and the number of reads after which they show. */
  private coming = 0;
  private readsLeft = 0;
  private readsOfReset = 0;
  private address: number | undefined;
  private readonly cards = new Map<string, Card>();

  /** @param uids of the cards in the field, in hexadecimal digits */
  constructor(private readonly uids: () => readonly string[]) {
    this.reset();
  }

  select(): void {
    this.address = undefined;
  }

  exchange(byte: number): number {
    const address = this.address;
    // The first byte of a transfer is an address. In a read each following byte is the next address, or 0 behind the last.
    if (address === undefined || address & 0x80) {
      if (byte & 1) throw new ChipRefusal(`${this.name}: address byte 0x${byte.toString(16)} with bit 0 set`);
      if (address !== undefined && byte !== 0 && !(byte & 0x80)) throw new ChipRefusal(`${this.name}: a read goes on with a write`);
      const value = address === undefined || address === 0x80 ? 0 : this.read((address >> 1) & 63);
      this.address = address !== undefined && byte === 0 ? 0x80 : byte;
      return value;
    }
    this.write(address >> 1, byte);
    return 0;
  }

  /** A disturbance takes something from the chip. */
  lose(loss: ChipLoss): void {
    if (loss === "register") this.registers[0x14] = 0x80;
    else this.reset();
  }

  private reset(): void {
    this.registers.fill(0);
    for (const [register, value] of Object.entries(RESET)) this.registers[Number(register)] = value;
    this.fifo = [];
    this.coming = 0;
    // PowerDown is set while the oscillator starts.
    this.readsOfReset = 2;
    this.cards.clear();
  }

  private read(register: number): number {
    const value = this.registers[register] as number;
    if (register === 0x01) return this.readsOfReset > 0 && this.readsOfReset-- > 0 ? value | 0x10 : value;
    if (register === 0x04 && this.coming && --this.readsLeft <= 0) {
      this.registers[0x04] = value | this.coming;
      this.coming = 0;
    }
    if (register === 0x09) return this.fifo.shift() ?? 0;
    if (register === 0x0a) return this.fifo.length;
    return this.registers[register] as number;
  }

  private write(register: number, value: number): void {
    if (this.readsOfReset > 0 && register !== 0x01)
      throw new ChipRefusal(`${this.name}: register 0x${register.toString(16)} written before the oscillator runs`);
    if (register === 0x01) this.command(value);
    else if (register === 0x04) {
      const flags = value & 0x7f;
      this.registers[4] = value & 0x80 ? (this.registers[4] as number) | flags : (this.registers[4] as number) & ~flags;
    } else if (register === 0x09) {
      if (this.fifo.length >= FIFO_BYTES) throw new ChipRefusal(`${this.name}: more than ${FIFO_BYTES} bytes in the FIFO`);
      this.fifo.push(value);
    } else if (register === 0x0a) {
      if (value & 0x80) this.fifo = [];
    } else if ([0x06, 0x07, 0x21, 0x22, 0x37].includes(register) || register > 0x39)
      throw new ChipRefusal(`${this.name}: register 0x${register.toString(16)} cannot be written`);
    else {
      this.registers[register] = value;
      if (register === 0x0d && value & 0x80) this.startSend();
    }
  }

  private command(value: number): void {
    const command = value & 0x0f;
    if (command === 0x0f) this.reset();
    else if (command === 0x00 || command === 0x0c) this.registers[1] = value;
    else throw new ChipRefusal(`${this.name}: command 0x${command.toString(16)} is used by no driver here`);
  }

  private startSend(): void {
    if (((this.registers[1] as number) & 0x0f) !== 0x0c) throw new ChipRefusal(`${this.name}: StartSend without the command Transceive`);
    const frame = this.fifo;
    this.fifo = [];
    this.readsLeft = READS_UNTIL_DONE;
    this.registers[0x06] = 0;
    const answers = this.answersTo(frame, (this.registers[0x0d] as number) & 7);
    const [first] = answers;
    // TxIRq, and then RxIRq, or TimerIRq when the timer starts with each transmission.
    this.coming = 0x40 | (first ? 0x20 : (this.registers[0x2a] as number) & 0x80 ? 0x01 : 0);
    if (!first) return;
    const isAlike = answers.every((answer) => answer.join() === first.join());
    if (!isAlike) this.registers[0x06] = 0x08;
    this.fifo = first.map((byte, i) => answers.reduce((bits, answer) => bits | (answer[i] ?? 0), byte));
  }

  /** The answers of the cards in the field. They receive a frame only when the field is on and fully modulated, and are heard only with enough gain. */
  private answersTo(frame: readonly number[], lastBits: number): number[][] {
    const uids = this.uids();
    for (const uid of this.cards.keys()) if (!uids.includes(uid)) this.cards.delete(uid);
    const isHeard =
      ((this.registers[0x14] as number) & 3) === 3 && (this.registers[0x15] as number) & 0x40 && (this.registers[0x26] as number) & 0x40;
    if (!isHeard) return [];
    return uids.flatMap((uid) => {
      const card = this.cards.get(uid) ?? new Card([...Buffer.from(uid, "hex")]);
      this.cards.set(uid, card);
      const answer = card.hear(frame, lastBits);
      return answer ? [answer] : [];
    });
  }
}
