// An SSD1322 display controller with a panel of 256x64 pixels. Source: Solomon Systech's datasheet SSD1322 rev 1.2, section 9 and table 9-1. The command
// byte comes with D/C low, its arguments and data with D/C high.

import type { Pixels } from "../world/pixels.js";
import type { ChipLoss } from "./loss.js";
import { hex, type PixelChip } from "./pixel-chip.js";
import { ChipRefusal } from "./spi.js";

/** Number of bytes behind each command. Write RAM takes any number. */
const COUNTS: Readonly<Record<number, number>> = {
  0: 0, // enable grey scale table
  21: 2, // 0x15 column range
  92: Number.POSITIVE_INFINITY, // 0x5C write RAM
  117: 2, // 0x75 line range
  160: 2, // 0xA0 re-map and dual COM
  161: 1, // 0xA1 start line
  162: 1, // 0xA2 offset
  164: 0, // 0xA4 all off
  165: 0, // 0xA5 all on
  166: 0, // 0xA6 normal
  167: 0, // 0xA7 inverted
  168: 2, // 0xA8 partial display
  169: 0, // 0xA9 its end
  171: 1, // 0xAB function selection
  174: 0, // 0xAE sleep
  175: 0, // 0xAF on
  177: 1, // 0xB1 phase lengths
  179: 1, // 0xB3 clock
  180: 2, // 0xB4 display enhancement A
  181: 1, // 0xB5 GPIO
  182: 1, // 0xB6 second pre-charge period
  184: 15, // 0xB8 grey scale table
  185: 0, // 0xB9 linear grey scale table
  187: 1, // 0xBB pre-charge voltage
  190: 1, // 0xBE VCOMH
  193: 1, // 0xC1 contrast current
  199: 1, // 0xC7 master current
  202: 1, // 0xCA multiplex ratio
  209: 2, // 0xD1 display enhancement B
  253: 1, // 0xFD command lock
};

/** Columns of four pixels, two bytes each. The panel uses 64 of them. */
const COLUMNS = 120;
const LINES = 128;
const FIRST_COLUMN = 0x1c;

export class Ssd1322 implements PixelChip {
  readonly name = "SSD1322";
  /** Table 13-4: clock cycle time 100 ns. */
  readonly mostHz = 10_000_000;
  /** Section 8.9: 100 us. */
  readonly resetMs = 0.1;
  /** The memory. Its content at power-up is undefined. */
  private readonly memory = new Uint8Array(COLUMNS * 2 * LINES).fill(0xa5);
  private isOn = false;
  private isLocked = false;
  private isNibbleOrder = false;
  private isMuxSet = false;
  private columns: readonly [number, number] = [0, COLUMNS - 1];
  private lines: readonly [number, number] = [0, LINES - 1];
  private column = 0;
  private line = 0;
  private isSecondByte = false;
  private code: number | undefined;
  private given: number[] = [];

  reset(): void {
    this.isOn = false;
    this.isLocked = false;
    this.isNibbleOrder = false;
    this.isMuxSet = false;
    this.columns = [0, COLUMNS - 1];
    this.lines = [0, LINES - 1];
    this.code = undefined;
  }

  lose(loss: ChipLoss): void {
    if (loss === "register") this.isOn = false;
    else this.reset();
    if (loss === "supply") this.memory.fill(0xa5);
  }

  command(byte: number): void {
    this.end();
    if (!(byte in COUNTS)) throw new ChipRefusal(`SSD1322: unknown command ${hex(byte)}`);
    if (this.isLocked && byte !== 0xfd) throw new ChipRefusal(`SSD1322: command ${hex(byte)} while commands are locked`);
    this.code = byte;
    this.given = [];
    if (byte === 0x5c) {
      this.column = this.columns[0];
      this.line = this.lines[0];
      this.isSecondByte = false;
    }
    if (COUNTS[byte] === 0) this.obey(byte, []);
  }

  data(byte: number): void {
    const { code } = this;
    if (code === undefined || COUNTS[code] === 0) throw new ChipRefusal(`SSD1322: data ${hex(byte)} without a command that takes any`);
    if (code === 0x5c) return this.pixels(byte);
    this.given.push(byte);
    if (this.given.length < (COUNTS[code] as number)) return;
    this.code = undefined;
    this.obey(code, this.given);
  }

  end(): void {
    const { code, given } = this;
    if (code === undefined || code === 0x5c || given.length >= (COUNTS[code] as number)) return;
    this.code = undefined;
    throw new ChipRefusal(`SSD1322: command ${hex(code)} lacks ${(COUNTS[code] as number) - given.length} argument(s)`);
  }

  draw(panel: Pixels): void {
    for (let y = 0; y < panel.height; y++) {
      for (let x = 0; x < panel.width; x++) {
        const byte = this.memory[y * COLUMNS * 2 + FIRST_COLUMN * 2 + (x >> 1)] as number;
        // Without nibble re-map the four pixels of a column have the opposite order.
        const mirrored = this.memory[y * COLUMNS * 2 + FIRST_COLUMN * 2 + (x >> 2) * 2 + (1 - ((x >> 1) & 1))] as number;
        const grey = this.isNibbleOrder ? (x & 1 ? byte & 15 : byte >> 4) : x & 1 ? mirrored >> 4 : mirrored & 15;
        panel.set(x, y, this.isOn && this.isMuxSet && grey >= 8);
      }
    }
  }

  private obey(code: number, [first = 0, second = 0]: readonly number[]): void {
    if (code === 0x15) this.columns = this.within(first, second, COLUMNS - 1);
    else if (code === 0x75) this.lines = this.within(first, second, LINES - 1);
    else if (code === 0xa0) {
      // A[5] and A[3] are always 0, and in B only A[4], dual COM, may differ (command description of A0h).
      if (first & 0xe8 || (second & 0xef) !== 0x01) throw new ChipRefusal(`SSD1322: re-map ${hex(first)} ${hex(second)} has bits that are fixed`);
      if (first & 0x03) throw new ChipRefusal("SSD1322: vertical increment and column re-map are not used by any driver here");
      this.isNibbleOrder = (first & 0x04) !== 0;
    } else if (code === 0xca) this.isMuxSet = first === 63;
    else if (code === 0xfd) this.isLocked = first === 0x16;
    else if (code === 0xd1 && (first !== 0xa2 || second !== 0x20))
      throw new ChipRefusal("SSD1322: display enhancement B is 0xa2 0x20, the rest is reserved");
    else if (code === 0xae) this.isOn = false;
    else if (code === 0xaf) this.isOn = true;
    else if (code === 0xa5 || code === 0xa7 || code === 0xa8)
      throw new ChipRefusal("SSD1322: all-on, inverted and partial are not used by any driver here");
  }

  private within(start: number, end: number, most: number): readonly [number, number] {
    if (start > end || end > most) throw new ChipRefusal(`SSD1322: range ${start}..${end} is not within 0..${most}`);
    return [start, end];
  }

  private pixels(byte: number): void {
    this.memory[this.line * COLUMNS * 2 + this.column * 2 + (this.isSecondByte ? 1 : 0)] = byte;
    this.isSecondByte = !this.isSecondByte;
    if (this.isSecondByte || this.column++ < this.columns[1]) return;
    this.column = this.columns[0];
    this.line = this.line < this.lines[1] ? this.line + 1 : this.lines[0];
  }
}
