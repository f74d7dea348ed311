// The common part of SSD1306 and SH1106. A byte is a column of eight pixels; eight rows of pixels are a page.

import type { Pixels } from "../world/pixels.js";
import type { ChipLoss } from "./loss.js";
import { CommandReader, type CommandTable } from "./pixel-chip.js";
import { ChipRefusal } from "./spi.js";

export abstract class Oled {
  /** The memory. Its content at power-up is undefined. */
  protected readonly memory: Uint8Array;
  protected isOn = false;
  private readonly reader: CommandReader;

  constructor(
    readonly name: string,
    readonly columns: number,
    /** First column of the chip that the panel shows. */
    private readonly firstColumn: number,
    table: CommandTable,
  ) {
    this.memory = new Uint8Array(columns * 8).fill(0xa5);
    this.reader = new CommandReader(name, table, (code, given) => this.obey(code, given));
  }

  protected abstract obey(code: number, given: readonly number[]): void;
  /** Writes a byte of pixels at the current place. */
  protected abstract take(byte: number): void;
  protected abstract get isLit(): boolean;

  reset(): void {
    this.isOn = false;
    this.reader.drop();
  }

  lose(loss: ChipLoss): void {
    if (loss === "register") this.isOn = false;
    else this.reset();
    if (loss === "supply") this.memory.fill(0xa5);
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

  /** @throws ChipRefusal when a mode that no driver uses would change the picture */
  protected refuse(what: string): never {
    throw new ChipRefusal(`${this.name}: ${what}`);
  }
}
