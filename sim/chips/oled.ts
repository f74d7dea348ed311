// What the SSD1306 and the SH1106 have in common: a byte a column of eight pixels, in rows that they call pages.

import type { Pixels } from "../world/pixels.js";
import { CommandReader, type CommandTable } from "./pixel-chip.js";
import { ChipRefusal } from "./spi.js";

export abstract class Oled {
  /** At power-up it holds anything. */
  protected readonly memory: Uint8Array;
  protected isOn = false;
  private readonly reader: CommandReader;

  constructor(
    readonly name: string,
    readonly columns: number,
    /** The column of the chip at which the panel begins. */
    private readonly firstColumn: number,
    table: CommandTable,
  ) {
    this.memory = new Uint8Array(columns * 8).fill(0xa5);
    this.reader = new CommandReader(name, table, (code, given) => this.obey(code, given));
  }

  protected abstract obey(code: number, given: readonly number[]): void;
  /** Takes a byte of pixels where it now is. */
  protected abstract take(byte: number): void;
  protected abstract get isLit(): boolean;

  reset(): void {
    this.isOn = false;
    this.reader.drop();
  }

  command(byte: number): void {
    this.reader.take(byte);
  }

  data(byte: number): void {
    this.reader.end();
    this.take(byte);
  }

  end(): void {
    this.reader.end();
  }

  draw(panel: Pixels): void {
    for (let page = 0; page < 8; page++) {
      const start = page * this.columns + this.firstColumn;
      if (this.isLit) panel.bytes.set(this.memory.subarray(start, start + panel.width), page * panel.width);
      else panel.bytes.fill(0, page * panel.width, (page + 1) * panel.width);
    }
  }

  /** @throws ChipRefusal where a mode that no driver here uses would make the picture another one */
  protected refuse(what: string): never {
    throw new ChipRefusal(`${this.name}: ${what}`);
  }
}
