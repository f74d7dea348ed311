// SSD1306, 128x64 pixels, on I2C. Commands by Solomon Systech's datasheet SSD1306 rev 1.1, section 9 (command table) and the
// application note in it (software initialization flow). Drawing is native (Espruino's Graphics), only changed rows of eight pixels travel.

import type { PixelDisplay } from "../../display.js";
import { part } from "../part.js";

const WIDTH_PIXELS = 128;
const HEIGHT_PIXELS = 64;
/** Rows of eight pixels, which the chip calls pages. */
const ROWS = HEIGHT_PIXELS / 8;

export interface Ssd1306Wiring {
  readonly bus: string;
  readonly scl: string;
  readonly sda: string;
  readonly address: number;
  readonly bitrateHz: number;
}

/** The first byte after the address: what follows are commands, or pixels (datasheet 8.1.5.2, Co = 0). */
const COMMANDS = 0x00;
const PIXELS = 0x40;

export function createDisplay(wiring: Ssd1306Wiring): PixelDisplay {
  const bus = part<EspruinoI2c>(wiring.bus);
  // The chip wants the top pixel in the lowest bit. Since Espruino 2v25 the highest is the default.
  const graphics = Graphics.createArrayBuffer(WIDTH_PIXELS, HEIGHT_PIXELS, 1, { vertical_byte: true, msb: false });
  /** CRC of each row as the chip has it; undefined: not known. */
  let sent: (number | undefined)[] = [];
  let isReady = false;

  function initialize(): void {
    bus.setup({ scl: part(wiring.scl), sda: part(wiring.sda), bitrate: wiring.bitrateHz });
    bus.writeTo(wiring.address, [
      COMMANDS,
      0xae, // display off
      0xd5,
      0x80, // clock: divide ratio 1, oscillator 8
      0xa8,
      0x3f, // multiplex ratio: 64 lines
      0xd3,
      0x00, // no display offset
      0x40, // start line 0
      0x8d,
      0x14, // charge pump on
      0x20,
      0x00, // horizontal addressing
      0xa1,
      0xc8, // column 127 is segment 0, and rows from the bottom: the usual way round of the modules
      0xda,
      0x12, // COM pins: alternative
      0x81,
      0xcf, // contrast
      0xd9,
      0xf1, // pre-charge period
      0xdb,
      0x40, // VCOMH deselect level
      0xa4,
      0xa6, // pixels from memory, not inverted
    ]);
  }

  return {
    widthPixels: WIDTH_PIXELS,
    heightPixels: HEIGHT_PIXELS,
    clear() {
      graphics.clear();
    },
    fill(x, y, widthPixels, heightPixels) {
      if (widthPixels > 0 && heightPixels > 0) graphics.fillRect(x, y, x + widthPixels - 1, y + heightPixels - 1);
    },
    blit(bits, widthPixels, heightPixels, x, y, scale) {
      const image = { width: widthPixels, height: heightPixels, bpp: 1 as const, buffer: bits };
      if (scale > 1) graphics.drawImage(image, x, y, { scale });
      else graphics.drawImage(image, x, y);
    },
    flush() {
      try {
        if (!isReady) initialize();
        for (let row = 0; row < ROWS; row++) {
          const pixels = new Uint8Array(graphics.buffer, row * WIDTH_PIXELS, WIDTH_PIXELS);
          const crc = E.CRC32(pixels);
          if (crc === sent[row]) continue;
          // Column range 0..127, page range from this row on.
          bus.writeTo(wiring.address, [COMMANDS, 0x21, 0, WIDTH_PIXELS - 1, 0x22, row, ROWS - 1]);
          bus.writeTo(wiring.address, PIXELS, pixels);
          sent[row] = crc;
        }
        // Lit only now, so that nobody sees what the chip's memory held at power-up.
        if (!isReady) bus.writeTo(wiring.address, [COMMANDS, 0xaf]);
        isReady = true;
        return "ok";
      } catch (_) {
        // I2C throws when the chip does not answer: a cable that was loose may be back next time, then everything is sent again.
        isReady = false;
        sent = [];
        return "failed";
      }
    },
  };
}
