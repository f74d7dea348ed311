// A 1-bit picture in memory, in the byte order of the common OLED chips: a byte is a column of eight pixels, with its lowest bit on top.

export class Pixels {
  readonly bytes: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    bytes?: Uint8Array,
  ) {
    this.bytes = bytes ?? new Uint8Array((width * height) / 8);
  }

  get(x: number, y: number): boolean {
    return (((this.bytes[(y >> 3) * this.width + x] as number) >> (y & 7)) & 1) === 1;
  }

  set(x: number, y: number, isLit: boolean): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const place = (y >> 3) * this.width + x;
    const mask = 1 << (y & 7);
    this.bytes[place] = isLit ? (this.bytes[place] as number) | mask : (this.bytes[place] as number) & ~mask;
  }

  clear(): void {
    this.bytes.fill(0);
  }

  fill(x: number, y: number, width: number, height: number): void {
    for (let row = y; row < y + height; row++) for (let column = x; column < x + width; column++) this.set(column, row, true);
  }

  /** Draws a picture as `PixelDisplay.blit` describes it. */
  blit(bits: string, width: number, height: number, x: number, y: number, scale: number): void {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const bit = row * width + column;
        const isLit = ((bits.charCodeAt(bit >> 3) >> (7 - (bit & 7))) & 1) === 1;
        for (let dy = 0; dy < scale; dy++) {
          for (let dx = 0; dx < scale; dx++) this.set(x + column * scale + dx, y + row * scale + dy, isLit);
        }
      }
    }
  }

  /** The picture as text: each line shows two rows of pixels. */
  toText(): string {
    const lines: string[] = [];
    for (let y = 0; y < this.height; y += 2) {
      let line = "";
      for (let x = 0; x < this.width; x++) line += " ▀▄█"[(this.get(x, y) ? 1 : 0) + (this.get(x, y + 1) ? 2 : 0)];
      lines.push(line.trimEnd());
    }
    return lines.join("\n");
  }
}
