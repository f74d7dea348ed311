// A 125 kHz badge reader on a serial port, with 9600 baud: RDM6300, ID-12, ID-20, and others that read EM4100 badges. A badge is a frame: STX (0x02), ten upper-case
// hexadecimal digits, two more with the XOR of their five bytes, ETX (0x03). An ID-12 or ID-20 sends CR and LF before its ETX.

import { type BadgeReader, isNoise } from "../../badge.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

const STX = "\x02";
const ETX = "\x03";
const CR = "\r";
/** Place of the ETX, or of the CR. */
const END_AT = 13;
/** Length of a frame with CR and LF. */
const LONG_FRAME_BYTES = 16;

interface SerialWiring {
  readonly port: string;
  readonly tx: string;
  readonly rx: string;
  readonly baudHz: number;
}

export function createBadgeReader(clock: EspruinoClock, wiring: SerialWiring): BadgeReader {
  /** The bytes since the last STX, which is the first of them; "" before an STX. */
  let frame = "";
  let isStarted = false;

  return {
    start(listener) {
      isStarted = startOnce(isStarted);
      const port = part<EspruinoSerial>(wiring.port);
      try {
        port.setup(wiring.baudHz, { tx: part(wiring.tx), rx: part(wiring.rx) });
      } catch (_) {
        setTimeout(() => listener.onFault("silent", clock.nowMs()), 0);
      }
      port.on("data", (data) => {
        for (let i = 0; i < data.length; i++) {
          const byte = data.charAt(i);
          // An STX always begins a frame, so an unfinished one is forgotten.
          if (byte === STX) frame = byte;
          else if (frame) frame += byte;
          const end = frame.substr(END_AT);
          if (!end || (end.charAt(0) === CR && frame.length < LONG_FRAME_BYTES)) continue;
          const atMs = clock.nowMs();
          if (end !== ETX && end !== CR + "\n" + ETX) listener.onFault("length", atMs);
          else if (!isRight(frame)) listener.onFault("checksum", atMs);
          else if (!isNoise(frame.substr(1, 10))) listener.onBadge("EM:" + frame.substr(1, 10), atMs);
          frame = "";
        }
      });
    },
  };
}

/** Whether the XOR of all six bytes is 0, and each is written with two upper-case digits. */
function isRight(frame: string): boolean {
  let sum = 0;
  for (let i = 1; i < 13; i += 2) {
    const digits = frame.substr(i, 2);
    const value = parseInt(digits, 16);
    if ((value + 256).toString(16).substr(1).toUpperCase() !== digits) return false;
    sum ^= value;
  }
  return !sum;
}
