// MAX7219, up to eight seven-segment digits, on SPI. Registers are by Maxim's datasheet MAX7219/MAX7221 rev 4, pages 7 to 9: table 2 (register address map), 6 (segments
// without decoding), 7 (intensity), 8 (scan limit). After power-up the chip is shut down (page 7, "Initial Power-Up"). A frame is a register and its value; it takes
// effect when chip select rises. If DOUT is wired back, each frame comes out again with the next one, so a missing chip is noticed.

import { board } from "#board";
import { type DisplayStatus, REFRESH_MS, type SegmentDisplay } from "../../display.js";
import { part } from "../part.js";

interface Max7219Wiring {
  /** A bus such as `SPI1`, or `software`. */
  readonly bus: string;
  readonly sck: string;
  readonly mosi: string;
  readonly miso?: string;
  readonly cs: string;
  readonly bitrateHz: number;
  readonly digits: number;
  readonly intensity: number;
}

const CHARACTERS = "0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Segments of each character, two hexadecimal digits: the bits from 6 down are A to G. */
const SEGMENTS = "7e306d79335b5f707f7b0108771f4e3d4f475e17063c570e54151d6773055b0f3e1c2a373b6c";
const POINT = 0x80;

const NO_OPERATION = 0x00;
const DECODE_MODE = 0x09;
const INTENSITY = 0x0a;
const SCAN_LIMIT = 0x0b;
const SHUTDOWN = 0x0c;
const DISPLAY_TEST = 0x0f;

const wiring = board.display as unknown as Max7219Wiring;

export function createDisplay(): SegmentDisplay {
  const bus = wiring.bus === "software" ? new SPI() : part<EspruinoSpi>(wiring.bus);
  /** Segments of each digit in the chip, from the left; undefined where the chip has to be initialized. */
  let sent: Uint8Array | undefined;
  /** The last frame, which comes out with the next one; -1: unknown. */
  let expected = -1;
  let isHeard = true;
  let shown = "";
  let isRefreshed = false;
  let isLost = false;

  function send(register: number, value: number): void {
    const back = bus.send([register, value], part(wiring.cs));
    if (expected >= 0 && (back[0] as number) * 256 + (back[1] as number) !== expected) isHeard = false;
    if (wiring.miso) expected = register * 256 + value;
  }

  function initialize(): void {
    digitalWrite(part(wiring.cs), 1);
    const pins = { sck: part<Pin>(wiring.sck), mosi: part<Pin>(wiring.mosi), baud: wiring.bitrateHz };
    bus.setup(wiring.miso ? { sck: pins.sck, mosi: pins.mosi, miso: part(wiring.miso), baud: pins.baud } : pins);
    send(DISPLAY_TEST, 0);
    send(DECODE_MODE, 0);
    send(SCAN_LIMIT, wiring.digits - 1);
    send(INTENSITY, wiring.intensity);
  }

  /** The segments of a text, one byte for each digit. */
  function segmentsOf(text: string): Uint8Array {
    const segments = new Uint8Array(wiring.digits);
    let digit = 0;
    for (let i = 0; i < text.length; i++) {
      const character = text.charAt(i);
      if (character === "." && digit) segments[digit - 1] = (segments[digit - 1] as number) | POINT;
      else {
        const place = CHARACTERS.indexOf(character.toUpperCase());
        if (place >= 0 && digit < wiring.digits) segments[digit] = parseInt(SEGMENTS.substr(place * 2, 2), 16);
        digit++;
      }
    }
    return segments;
  }

  function sendChanges(segments: Uint8Array): DisplayStatus {
    const old = sent;
    expected = -1;
    isHeard = true;
    if (!old) initialize();
    for (let i = 0; i < wiring.digits; i++) {
      // Digit 0 is the rightmost, in register 1.
      if (!old || segments[i] !== old[i]) send(wiring.digits - i, segments[i] as number);
    }
    // The chip is shut down from power-up until now, so that nobody sees its random memory.
    if (!old) send(SHUTDOWN, 1);
    if (wiring.miso) {
      // One more frame brings out the last one. If nothing was sent, a frame that changes nothing comes first.
      if (expected < 0) send(INTENSITY, wiring.intensity);
      send(NO_OPERATION, 0);
    }
    sent = isHeard ? segments : undefined;
    return isHeard ? "ok" : "failed";
  }

  function show(text: string): DisplayStatus {
    if (!isRefreshed) {
      isRefreshed = true;
      setTimeout(refresh, REFRESH_MS);
    }
    isLost = false;
    shown = text;
    try {
      return sendChanges(segmentsOf(text));
    } catch (_) {
      // A bus that throws is a chip that does not answer.
      sent = undefined;
      return "failed";
    }
  }

  function refresh(): void {
    setTimeout(refresh, REFRESH_MS);
    sent = undefined;
    isLost = show(shown) !== "ok";
  }

  return { digits: wiring.digits, show, isLost: () => isLost };
}
