// A MAX7219 with its digits. Source: Maxim's datasheet MAX7219/MAX7221 rev 4 (19-4452), table 2 (registers) and tables 3 (shutdown), 4 (decode mode),
// 6 (segments), 7 (intensity), 8 (scan limit) and 10 (display test) for their values. The last 16 bits before chip select rises are a frame: four bits
// without meaning, four of the register's address, eight of its value. DOUT returns them 16 clocks later.

import type { SegmentPanel } from "../world/segments.js";
import type { ChipLoss } from "./loss.js";
import { hex } from "./pixel-chip.js";
import { ChipRefusal, type SpiChip } from "./spi.js";

export class Max7219 implements SpiChip {
  readonly name = "MAX7219";
  /** Timing characteristics: clock period 100 ns. */
  readonly mostHz = 10_000_000;
  readonly modes = [0];
  /** "Initial Power-Up": all control registers are reset, the display is blanked, and the chip is shut down. */
  private readonly registers = new Uint8Array(16);
  private shifted: [number, number] = [0, 0];
  private bytesInFrame = 0;

  constructor(private readonly onChange: () => void) {}

  select(isSelected: boolean): void {
    if (isSelected) {
      this.bytesInFrame = 0;
      return;
    }
    if (this.bytesInFrame !== 2) throw new ChipRefusal(`MAX7219: a frame of ${this.bytesInFrame} byte(s), it has 2`);
    const address = this.shifted[0] & 0x0f;
    const value = this.shifted[1];
    if (address > 0x0c && address !== 0x0f) throw new ChipRefusal(`MAX7219: there is no register ${hex(address)}`);
    if (address === 0x09 && value !== 0) throw new ChipRefusal("MAX7219: Code B decoding is not used by any driver here");
    if (address === 0x0f && value !== 0) throw new ChipRefusal("MAX7219: the display test is not used by any driver here");
    if (address === 0x0a && value > 0x0f) throw new ChipRefusal(`MAX7219: the intensity ${value} is more than 15`);
    if (address === 0x0b && value > 0x07) throw new ChipRefusal(`MAX7219: the scan limit ${value} is more than 7`);
    this.registers[address] = value;
    this.onChange();
  }

  /** A disturbance takes something from the chip. */
  lose(loss: ChipLoss): void {
    if (loss === "register") this.registers[0x0c] = 0;
    else this.registers.fill(0);
    this.onChange();
  }

  exchange(byte: number): number {
    const [out, kept] = this.shifted;
    this.shifted = [kept, byte];
    this.bytesInFrame++;
    return out;
  }

  draw(panel: SegmentPanel): void {
    const isOn = ((this.registers[0x0c] as number) & 1) === 1;
    const limit = this.registers[0x0b] as number;
    for (let digit = 0; digit < panel.digits; digit++) {
      // Digit 0 is the rightmost.
      const place = panel.digits - 1 - digit;
      panel.draw(digit, isOn && place <= limit ? (this.registers[place + 1] as number) : 0);
    }
  }
}
