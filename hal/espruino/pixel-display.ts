// A pixel display. Drawing is native (Espruino's Graphics, one bit for each pixel), and only changed parts of eight lines are sent. Each chip has a file in display/ with
// its commands, which the build puts behind `#chip`.

import { HEIGHT_PIXELS, IS_VERTICAL, light, sendParts, start, WIDTH_PIXELS } from "#chip";
import { CAN_ANSWER, openBus } from "#display-bus";
import { type DisplayStatus, PIECE_MS, type PixelDisplay, REFRESH_MS } from "../display.js";

const PARTS = HEIGHT_PIXELS / 8;

export function createDisplay(): PixelDisplay {
  // In a byte that is a column of eight pixels, the lowest bit is on top. In one that is a part of a line, the highest bit is on the left.
  const graphics = Graphics.createArrayBuffer(WIDTH_PIXELS, HEIGHT_PIXELS, 1, { vertical_byte: IS_VERTICAL, msb: !IS_VERTICAL });
  /** CRC of each part in the chip. It is unknown after a start, which does not wait for it. */
  const sent = new Uint32Array(PARTS);
  let isSentKnown = false;
  let isReady = false;
  let isLost = false;
  let isAgain = false;
  /** The part that the refresh sends next; -1 before the first refresh was ordered. */
  let next = -1;

  function flush(): DisplayStatus {
    if (next < 0) {
      next = 0;
      setTimeout(refresh, REFRESH_MS);
    }
    isLost = false;
    try {
      if (isReady) flushChanged();
      else {
        openBus();
        start();
        // At a refresh the chip usually still holds the picture. Lit at once, it is dark only for the time of its start.
        if (!CAN_ANSWER && isAgain) light();
        sendParts(graphics.buffer, 0, PARTS);
        // The display is lit after the first picture, so that nobody sees the random memory of a chip at power-up.
        light();
        isReady = true;
        isSentKnown = false;
      }
      return "ok";
    } catch (_) {
      // I2C throws when the chip does not answer. The next call starts the chip again and sends everything.
      isReady = false;
      return "failed";
    }
  }

  function flushChanged(): void {
    let first = 0;
    for (let part = 0; part < PARTS; part++) {
      const crc = E.CRC32(new Uint8Array(graphics.buffer, part * WIDTH_PIXELS, WIDTH_PIXELS));
      if (isSentKnown && crc === sent[part]) {
        // Adjacent parts are sent together.
        if (first < part) sendParts(graphics.buffer, first, part);
        first = part + 1;
      }
      sent[part] = crc;
    }
    if (first < PARTS) sendParts(graphics.buffer, first, PARTS);
    isSentKnown = true;
  }

  /**
   * Sends everything afresh, whatever the chip acknowledges. On SPI that is short, and a chip that lost its supply needs its reset. On I2C it goes in pieces: settings and
   * a part, the other parts, and at last the command that lights the display. A healthy chip stays lit meanwhile, and another one shows nothing of its random memory.
   */
  function refresh(): void {
    setTimeout(refresh, CAN_ANSWER && isReady && next < PARTS ? PIECE_MS : REFRESH_MS);
    if (!CAN_ANSWER) {
      isReady = false;
      isAgain = true;
      isLost = flush() !== "ok";
    } else if (isReady) {
      try {
        if (!next) start();
        if (next < PARTS) sendParts(graphics.buffer, next, ++next);
        else {
          light();
          next = 0;
        }
      } catch (_) {
        next = 0;
        isReady = false;
        isLost = true;
      }
    }
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
    flush,
    isLost: () => isLost,
  };
}
