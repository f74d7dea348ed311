// SSD1322, 256x64 pixels of its 480x128, 16 greys, on SPI. Commands are by Solomon Systech's datasheet SSD1322 rev 1.2, section 9 (command table) and section 10 (command
// descriptions). The data of a command is sent with D/C high.
// The firmware draws one bit for each pixel. Eight lines at a time are converted natively to four bits for each pixel, in 1 kB.

import { sendTo } from "#display-bus";

export const WIDTH_PIXELS = 256;
export const HEIGHT_PIXELS = 64;
/** Whether a byte is a column of eight pixels, not a part of a line. */
export const IS_VERTICAL = false;

const COMMAND = 0x00;
const DATA = 0x40;

const greys = Graphics.createArrayBuffer(WIDTH_PIXELS, 8, 4, { msb: true });
const palette = new Uint16Array([0, 15]);

function command(code: number, data: readonly number[]): void {
  sendTo(COMMAND, [code]);
  if (data.length) sendTo(DATA, data);
}

export function start(): void {
  command(0xfd, [0x12]); // unlock commands
  command(0xae, []); // display off
  command(0xb3, [0x91]); // clock: divide ratio 2, oscillator 9
  command(0xca, [0x3f]); // multiplex ratio: 64 lines
  command(0xa2, [0x00]); // no display offset
  command(0xa1, [0x00]); // start line 0
  command(0xa0, [0x14, 0x11]); // horizontal, nibbles in the order of pixels, lines from the bottom, dual COM: as the modules are wired
  command(0xb5, [0x00]); // GPIO off
  command(0xab, [0x01]); // VDD from the internal regulator
  command(0xb4, [0xa0, 0xfd]); // VSL outside, better low greys
  command(0xc1, [0x9f]); // contrast current
  command(0xc7, [0x0f]); // master current: most
  command(0xb9, []); // linear greys
  command(0xb1, [0xe2]); // phase lengths
  command(0xd1, [0xa2, 0x20]); // display enhancement B: normal
  command(0xbb, [0x1f]); // pre-charge voltage
  command(0xb6, [0x08]); // second pre-charge period
  command(0xbe, [0x07]); // VCOMH deselect level
  command(0xa6, []); // not inverted
  command(0x15, [0x1c, 0x5b]); // 64 columns of four pixels, from number 28 on, to which the panel is connected
}

/** Sends the first line, and then the pixels. The chip goes on from line to line by itself. */
export function sendParts(buffer: ArrayBuffer, first: number, end: number): void {
  command(0x75, [first * 8, HEIGHT_PIXELS - 1]);
  command(0x5c, []);
  for (let part = first; part < end; part++) {
    const bits = new Uint8Array(buffer, part * WIDTH_PIXELS, WIDTH_PIXELS);
    greys.drawImage({ width: WIDTH_PIXELS, height: 8, bpp: 1, buffer: bits, palette }, 0, 0);
    sendTo(DATA, new Uint8Array(greys.buffer));
  }
}

export function light(): void {
  command(0xaf, []);
}
