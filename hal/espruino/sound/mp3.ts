// A voice module with an MP3 player on a serial port: frames of 10 bytes at 9600 baud, 7E FF 06 command 00 high low, checksum, EF, by the datasheet
// "FN-M16P Embedded MP3 Audio Module" V1.0, sections 3.1 (frames), 3.2 (checksum) and 3.3 (commands). It plays files in the folder `mp3` of its card,
// which firmware/terminal/BEHAVIOUR.md lists. A clip begins about 100 ms after its frame, so only the light answers a press at once.

import type { Cue, Sound } from "../../sound.js";
import { part } from "../part.js";

const SET_VOLUME = 0x06;
const PLAY_FROM_MP3_FOLDER = 0x12;

/** The clips of the card, in the order of their file names from `0001.mp3` on. */
export const CLIPS: readonly Cue[] = ["welcome", "invite", "press", "thanks", "apology", "signIn", "signOut", "refused", "waited"];

/** Time from one frame to the next: a frame takes 10.4 ms, and the module needs 20 ms more. */
export const FRAME_MS = 30;

/** The highest volume step of the module. */
const MOST_VOLUME = 30;

/** The volume step of the module for a percentage. */
export function volumeStep(volumePercent: number): number {
  return Math.ceil((volumePercent * MOST_VOLUME) / 100);
}

export function createSound(wiring: { readonly port: string; readonly tx: string; readonly rx: string }): Sound {
  const port = part<EspruinoSerial>(wiring.port);
  let clip = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;

  function send(command: number, value: number): void {
    // The two's complement of the sum of the six bytes behind the first one. Here the high byte of the value is always 0.
    const sum = 0x10000 - (0xff + 6 + command + value);
    try {
      if (!isOpen) port.setup(9600, { tx: part(wiring.tx), rx: part(wiring.rx) });
      isOpen = true;
      port.write([0x7e, 0xff, 6, command, 0, 0, value, sum >> 8, sum & 255, 0xef]);
    } catch (_) {
      // The terminal is silent. Lights answer as always.
      isOpen = false;
    }
  }

  function playClip(): void {
    timer = undefined;
    send(PLAY_FROM_MP3_FOLDER, clip);
  }

  return {
    play(cue, volumePercent) {
      if (timer) clearTimeout(timer);
      clip = CLIPS.indexOf(cue) + 1;
      // The volume is set before every clip, because a module that lost its supply for a moment starts at its loudest.
      send(SET_VOLUME, volumeStep(volumePercent));
      timer = setTimeout(playClip, FRAME_MS);
    },
  };
}
