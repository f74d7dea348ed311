// An SH1106 display controller with a panel of 128 columns. Source: Sino Wealth's datasheet SH1106 v2.3, section "Commands", with the numbers that the
// commands have there. It has 132 columns and page addressing only: it does not know the SSD1306's commands for ranges and addressing modes.

import { Oled } from "./oled.js";
import { CommandTable } from "./pixel-chip.js";

const TABLE = new CommandTable("SH1106")
  .add(0x00, 0x0f, 0) // 1: column, low half
  .add(0x10, 0x18, 0) // 2: column, high half
  .add(0x30, 0x33, 0) // 3: voltage of the DC-DC converter
  .add(0x40, 0x7f, 0) // 4: start line
  .add(0x81, 0x81, 1) // 5: contrast
  .add(0xa0, 0xa1, 0) // 6: segment order
  .add(0xa4, 0xa7, 0) // 7, 8: show memory, all lit, normal, inverted
  .add(0xa8, 0xa8, 1) // 9: multiplex ratio
  .add(0xad, 0xad, 1) // 10: DC-DC converter
  .add(0xae, 0xaf, 0) // 11: off, on
  .add(0xb0, 0xb7, 0) // 12: page
  .add(0xc0, 0xc0, 0) // 13: COM order
  .add(0xc8, 0xc8, 0)
  .add(0xd3, 0xd3, 1) // 14: display offset
  .add(0xd5, 0xd5, 1) // 15: clock
  .add(0xd9, 0xdb, 1) // 16 to 18: pre-charge, COM pads, VCOM
  .add(0xe0, 0xe0, 0) // 19: read-modify-write
  .add(0xe3, 0xe3, 0) // 21: no operation
  .add(0xee, 0xee, 0); // 20: its end

const COLUMNS = 132;

export class Sh1106 extends Oled {
  /** AC characteristics, 4-wire SPI: clock cycle 250 ns at 2.4 V and more. */
  readonly mostHz = 4_000_000;
  /** AC characteristics: reset low pulse 10 us. */
  readonly resetMs = 0.01;
  private isConverterOn = true;
  private column = 0;
  private page = 0;

  constructor() {
    super("SH1106", COLUMNS, 2, TABLE);
  }

  override reset(): void {
    super.reset();
    this.isConverterOn = true;
    this.column = 0;
    this.page = 0;
  }

  protected get isLit(): boolean {
    return this.isOn && this.isConverterOn;
  }

  protected obey(code: number, [first = 0]: readonly number[]): void {
    if (code <= 0x0f) this.column = (this.column & 0xf0) | code;
    else if (code <= 0x18) this.column = (this.column & 0x0f) | ((code & 0x0f) << 4);
    else if (code >= 0xb0 && code <= 0xb7) this.page = code - 0xb0;
    else if (code === 0xad) {
      if (this.isOn) this.refuse("the DC-DC converter is switched while the display is on");
      if (first !== 0x8a && first !== 0x8b) this.refuse(`the DC-DC converter is 0x8A or 0x8B, not ${first}`);
      this.isConverterOn = first === 0x8b;
    } else if (code === 0xae) this.isOn = false;
    else if (code === 0xaf) this.isOn = true;
    else if (code === 0xa5 || code === 0xa7 || code === 0xe0) this.refuse("all-lit, inverted and read-modify-write are not used by any driver here");
  }

  protected take(byte: number): void {
    if (this.column >= COLUMNS) this.refuse(`pixels beyond column ${COLUMNS - 1}`);
    this.memory[this.page * COLUMNS + this.column++] = byte;
  }
}
