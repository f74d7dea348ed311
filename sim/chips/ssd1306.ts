// An SSD1306 display controller. Commands by Solomon Systech's datasheet SSD1306 rev 1.1, section 9 and table 9-1.

import { Oled } from "./oled.js";
import { CommandTable } from "./pixel-chip.js";

const TABLE = new CommandTable("SSD1306")
  .add(0x20, 0x20, 1) // memory addressing mode
  .add(0x21, 0x22, 2) // column range, page range
  .add(0x40, 0x7f, 0) // start line
  .add(0x81, 0x81, 1) // contrast
  .add(0x8d, 0x8d, 1) // charge pump
  .add(0xa0, 0xa1, 0) // segment order
  .add(0xa4, 0xa7, 0) // show memory, all lit, normal, inverted
  .add(0xa8, 0xa8, 1) // multiplex ratio
  .add(0xae, 0xaf, 0) // off, on
  .add(0xc0, 0xc0, 0) // COM order
  .add(0xc8, 0xc8, 0)
  .add(0xd3, 0xd3, 1) // display offset
  .add(0xd5, 0xd5, 1) // clock
  .add(0xd9, 0xdb, 1) // pre-charge, COM pins, VCOMH
  .add(0xe3, 0xe3, 0); // no operation

export class Ssd1306 extends Oled {
  /** Table 13-4: clock cycle time 100 ns. */
  readonly mostHz = 10_000_000;
  /** Section 8.9: 3 us. */
  readonly resetMs = 0.003;
  private isPumpOn = false;
  private isHorizontal = false;
  private range: { readonly columns: readonly [number, number]; readonly pages: readonly [number, number] } = { columns: [0, 127], pages: [0, 7] };
  private column = 0;
  private page = 0;

  constructor() {
    super("SSD1306", 128, 0, TABLE);
  }

  override reset(): void {
    super.reset();
    this.isPumpOn = false;
    this.isHorizontal = false;
    this.range = { columns: [0, 127], pages: [0, 7] };
    this.column = 0;
    this.page = 0;
  }

  protected get isLit(): boolean {
    return this.isOn && this.isPumpOn;
  }

  protected obey(code: number, [first = 0, second = 0]: readonly number[]): void {
    if (code === 0x20) this.isHorizontal = first === 0;
    else if (code === 0x21) {
      this.range = { ...this.range, columns: this.within(first, second, 127) };
      this.column = first;
    } else if (code === 0x22) {
      this.range = { ...this.range, pages: this.within(first, second, 7) };
      this.page = first;
    } else if (code === 0x8d) this.isPumpOn = first === 0x14;
    else if (code === 0xdb && ![0x00, 0x20, 0x30].includes(first)) this.refuse(`the VCOMH deselect level ${first} is not in table 9-1`);
    else if (code === 0xae) this.isOn = false;
    else if (code === 0xaf) this.isOn = true;
    else if (code === 0xa5 || code === 0xa7) this.refuse("all-lit and inverted are not used by any driver here");
  }

  private within(start: number, end: number, most: number): [number, number] {
    if (start > end || end > most) this.refuse(`range ${start}..${end} is not within 0..${most}`);
    return [start, end];
  }

  protected take(byte: number): void {
    if (!this.isHorizontal) this.refuse("pixels before the horizontal addressing mode was set");
    const { columns, pages } = this.range;
    this.memory[this.page * this.columns + this.column] = byte;
    if (this.column++ < columns[1]) return;
    this.column = columns[0];
    this.page = this.page < pages[1] ? this.page + 1 : pages[0];
  }
}
