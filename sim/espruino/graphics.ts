// The part of Espruino's Graphics that the drivers use, over an array buffer. It has one bit a pixel, where a byte is a column of eight pixels with the
// lowest bit on top; or one or four bits a pixel in lines, with the first pixel in the highest bits.

import { Pixels } from "../world/pixels.js";

interface Image {
  readonly width: number;
  readonly height: number;
  readonly bpp: number;
  readonly buffer: string | ArrayLike<number>;
  /** The colour of each value. */
  readonly palette?: ArrayLike<number>;
}

export function createArrayBuffer(width: number, height: number, bitsPerPixel: number, options: { vertical_byte?: boolean; msb: boolean }): object {
  if (options.vertical_byte ? bitsPerPixel !== 1 || options.msb : !options.msb || (bitsPerPixel !== 1 && bitsPerPixel !== 4))
    throw new Error(
      "this Graphics has vertical bytes of one bit a pixel, lowest bit first, or lines of one or four bits a pixel, highest bits first",
    );
  return options.vertical_byte ? verticalGraphics(width, height) : lineGraphics(width, height, bitsPerPixel);
}

function bytesOf(image: Image): string {
  return typeof image.buffer === "string" ? image.buffer : Buffer.from(image.buffer).toString("latin1");
}

function verticalGraphics(width: number, height: number): object {
  const pixels = new Pixels(width, height);
  return {
    buffer: pixels.bytes.buffer,
    clear: () => pixels.clear(),
    fillRect: (x1: number, y1: number, x2: number, y2: number) => pixels.fill(x1, y1, x2 - x1 + 1, y2 - y1 + 1),
    drawImage: (image: Image, x: number, y: number, { scale } = { scale: 1 }) => pixels.blit(bytesOf(image), image.width, image.height, x, y, scale),
  };
}

function lineGraphics(width: number, height: number, bits: number): object {
  const bytes = new Uint8Array((width * height * bits) / 8);
  const most = (1 << bits) - 1;

  function set(x: number, y: number, color: number): void {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const place = (y * width + x) * bits;
    const shift = 8 - bits - (place & 7);
    bytes[place >> 3] = ((bytes[place >> 3] as number) & ~(most << shift)) | ((color & most) << shift);
  }

  return {
    buffer: bytes.buffer,
    clear: () => bytes.fill(0),
    fillRect(x1: number, y1: number, x2: number, y2: number) {
      for (let y = y1; y <= y2; y++) for (let x = x1; x <= x2; x++) set(x, y, most);
    },
    drawImage(image: Image, left: number, top: number, { scale } = { scale: 1 }) {
      const picture = bytesOf(image);
      for (let y = 0; y < image.height * scale; y++) {
        for (let x = 0; x < image.width * scale; x++) {
          const bit = Math.floor(y / scale) * image.width + Math.floor(x / scale);
          const value = (picture.charCodeAt(bit >> 3) >> (7 - (bit & 7))) & 1;
          set(left + x, top + y, image.palette ? (image.palette[value] as number) : value ? most : 0);
        }
      }
    },
  };
}
