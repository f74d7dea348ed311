// An SSD1306 display controller, as far as a driver can tell: it takes the bytes of its I2C bus and shows pixels, and refuses what the real chip
// does not know. Commands by Solomon Systech's datasheet SSD1306 rev 1.1, section 9 and table 9-1.

import type { Pixels } from "../pixels.js";

/** Arguments that follow each command byte. Ranges of one-byte commands are spread out below. */
const ARGUMENTS = new Map<number, number>([
  [0x20, 1], // memory addressing mode
  [0x21, 2], // column range
  [0x22, 2], // page range
  [0x81, 1], // contrast
  [0x8d, 1], // charge pump
  [0xa4, 0], // show memory
  [0xa5, 0], // all pixels lit
  [0xa6, 0], // normal
  [0xa7, 0], // inverted
  [0xa8, 1], // multiplex ratio
  [0xae, 0], // off
  [0xaf, 0], // on
  [0xd3, 1], // display offset
  [0xd5, 1], // clock
  [0xd9, 1], // pre-charge
  [0xda, 1], // COM pins
  [0xdb, 1], // VCOMH
  [0xe3, 0], // no operation
]);
for (let line = 0; line < 64; line++) ARGUMENTS.set(0x40 + line, 0); // start line
for (const direction of [0xa0, 0xa1, 0xc0, 0xc8]) ARGUMENTS.set(direction, 0); // segment and COM order

export class Ssd1306 {
  /** The chip's memory, as it would be seen when on: a byte a column of eight pixels. At power-up it holds anything. */
  private readonly memory: Uint8Array;
  private isOn = false;
  private isPumpOn = false;
  private isHorizontal = false;
  private columns: [number, number] = [0, 127];
  private pages: [number, number] = [0, 7];
  private column = 0;
  private page = 0;

  /** @param panel what people see of it */
  constructor(
    private readonly panel: Pixels,
    private readonly onChange: () => void,
  ) {
    this.memory = new Uint8Array(panel.bytes.length).fill(0xa5);
  }

  /** One bus transfer, without the address. @throws Error naming what the chip would not understand */
  write(bytes: readonly number[]): void {
    const [control, ...rest] = bytes;
    if (control === 0x00) this.command(rest);
    else if (control === 0x40) this.pixels(rest);
    else throw new Error(`SSD1306: control byte ${control} is neither 0x00 nor 0x40`);
    this.panel.bytes.set(this.isOn && this.isPumpOn ? this.memory : new Uint8Array(this.memory.length));
    this.onChange();
  }

  private command(bytes: readonly number[]): void {
    for (let i = 0; i < bytes.length; ) {
      const code = bytes[i] as number;
      const count = ARGUMENTS.get(code);
      if (count === undefined) throw new Error(`SSD1306: unknown command 0x${code.toString(16)}`);
      const [first = -1, second = -1] = bytes.slice(i + 1, i + 1 + count);
      if (i + 1 + count > bytes.length) throw new Error(`SSD1306: command 0x${code.toString(16)} lacks ${count} argument(s)`);
      i += 1 + count;
      if (code === 0x20) this.isHorizontal = first === 0;
      else if (code === 0x21) this.columns = this.range(first, second, 127, (start) => (this.column = start));
      else if (code === 0x22) this.pages = this.range(first, second, 7, (start) => (this.page = start));
      else if (code === 0x8d) this.isPumpOn = first === 0x14;
      else if (code === 0xae) this.isOn = false;
      else if (code === 0xaf) this.isOn = true;
      else if (code === 0xa5 || code === 0xa7) throw new Error("SSD1306: all-lit and inverted are not used by any driver here");
    }
  }

  private range(start: number, end: number, most: number, begin: (start: number) => void): [number, number] {
    if (start > end || end > most) throw new Error(`SSD1306: range ${start}..${end} is not within 0..${most}`);
    begin(start);
    return [start, end];
  }

  private pixels(bytes: readonly number[]): void {
    if (!this.isHorizontal) throw new Error("SSD1306: pixels before the horizontal addressing mode was set");
    for (const byte of bytes) {
      this.memory[this.page * this.panel.width + this.column] = byte;
      if (this.column++ < this.columns[1]) continue;
      this.column = this.columns[0];
      this.page = this.page < this.pages[1] ? this.page + 1 : this.pages[0];
    }
  }
}
