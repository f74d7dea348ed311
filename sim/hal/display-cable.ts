// The cable between the firmware and the panel, with what the chip behind it does, for the `node` engine. A display on I2C, or one with a line back, answers, so a picture
// arrives whole or is known to be lost. Any other display loses whatever is sent while its cable is out, and any display what is sent while it is deaf: the firmware sends
// only changes, and does not know that earlier ones are lost. It sends everything again at a fixed rate, on I2C in pieces.

import { type DisplayStatus, PIECE_MS, REFRESH_MS } from "../../hal/display.js";
import { canAnswer } from "../world/panel.js";
import { Pixels } from "../world/pixels.js";
import { SegmentPanel } from "../world/segments.js";
import type { World } from "../world/world.js";

type Draw = (pixels: Pixels) => void;

export interface DisplayCable {
  show(draw: Draw): DisplayStatus;
  /** As in `PixelDisplay`. */
  isLost(): boolean;
  /** The chip loses a register, all of them, or its supply: it is dark, and takes nothing until it is set up again. */
  lose(): void;
}

export function createDisplayCable(world: World, after: (ms: number, run: () => void) => void): DisplayCable {
  const { panel, board } = world;
  const isSegments = panel instanceof SegmentPanel;
  const isOnI2c = board.display.bus === "I2C1";
  const isAnswering = canAnswer(board.display);
  const empty = (): Pixels => (isSegments ? new SegmentPanel(panel.digits) : new Pixels(panel.width, panel.height));
  const pictureOf = (draw: Draw | undefined): Uint8Array => {
    const pixels = empty();
    draw?.(pixels);
    return pixels.bytes;
  };
  /** Number of parts that are sent separately: digits, or bands of eight lines. */
  const partCount = isSegments ? panel.digits : panel.height / 8;
  const bytesOf = (part: number): number[] =>
    Array.from(panel.bytes.keys()).filter((i) => (isSegments ? (i % panel.width) / (panel.width / partCount) : i / panel.width) >> 0 === part);
  let parts: readonly number[][] | undefined;
  /** Places of the bytes of each part. They are looked up when a chip first goes wrong. */
  const placesOf = (part: number): readonly number[] => {
    parts ??= Array.from({ length: partCount }, (_, each) => bytesOf(each));
    return parts[part] as number[];
  };

  /** The newest picture of the firmware. */
  let last: Draw | undefined;
  /** What the firmware takes for true: the chip is set up, and its content is known. */
  let isReady = false;
  let isSentKnown = false;
  let isLost = false;
  let isOrdered = false;
  /** The part that the refresh sends next. */
  let next = 0;
  /** The chip shows the newest picture. Then nothing else is kept of it: it is drawn only when somebody looks. */
  let isTrue = false;
  /** Otherwise: its memory, and whether it is set up and lit. */
  const there = empty();
  let isSetUp = false;
  let isLit = false;

  /** From now on the chip does not show the newest picture. @param draw what it shows */
  function doubt(draw: Draw | undefined): void {
    if (!isTrue) return;
    isTrue = false;
    there.bytes.set(pictureOf(draw));
  }

  function paint(): void {
    const seen = isLit ? Uint8Array.from(there.bytes) : empty().bytes;
    world.showPicture((pixels) => pixels.bytes.set(seen));
  }

  function copy(part: number, picture: Uint8Array): void {
    if (isSetUp) for (const i of placesOf(part)) there.bytes[i] = picture[i] as number;
  }

  function flush(old: Draw | undefined, draw: Draw): DisplayStatus {
    const isHeard = world.hears("display");
    if (isAnswering && !(isOnI2c ? world.isDisplayConnected : isHeard)) {
      doubt(old);
      isReady = false;
      return "failed";
    }
    const isAll = !isReady || !isSentKnown;
    if (isHeard && (isTrue || !isReady)) {
      isTrue = true;
      isSetUp = true;
      isLit = true;
      world.showPicture(draw);
    } else if (!isHeard) doubt(old);
    else {
      const before = pictureOf(old);
      const wanted = pictureOf(draw);
      for (let part = 0; part < partCount; part++) if (isAll || placesOf(part).some((i) => before[i] !== wanted[i])) copy(part, wanted);
      paint();
    }
    isSentKnown = isSegments || isReady;
    isReady = true;
    return "ok";
  }

  function refresh(): void {
    after(isOnI2c && isReady && next < partCount ? PIECE_MS : REFRESH_MS, refresh);
    if (!isOnI2c) {
      isReady = false;
      isLost = flush(last, last as Draw) !== "ok";
    } else if (isReady) sendPiece();
  }

  function sendPiece(): void {
    if (!world.isDisplayConnected) {
      next = 0;
      isReady = false;
      isLost = true;
      return;
    }
    const isHeard = world.hears("display");
    if (!next && isHeard) isSetUp = true;
    if (isHeard && !isTrue) {
      if (next < partCount) copy(next, pictureOf(last));
      else isLit = isSetUp;
      paint();
    }
    next = next < partCount ? next + 1 : 0;
  }

  return {
    show(draw) {
      if (!isOrdered) after(REFRESH_MS, refresh);
      isOrdered = true;
      isLost = false;
      const old = last;
      last = draw;
      return flush(old, draw);
    },
    isLost: () => isLost,
    lose() {
      doubt(last);
      isSetUp = false;
      isLit = false;
      paint();
    },
  };
}
