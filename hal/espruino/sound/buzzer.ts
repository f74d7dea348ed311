// A piezo buzzer on a PWM pin: a square wave of the note's frequency, or a low level for silence. A narrower pulse is quieter.

import type { Cue, Sound } from "../../sound.js";
import { part } from "../part.js";

/** The click that answers a press, C7. It is ready made, because somebody waits for it. */
const CLICK: readonly number[] = [2093, 30];

/** The notes of a cue: for each its frequency in Hz, 0 for silence, and its length in ms. */
export function notesOf(cue: Cue): readonly number[] {
  return cue === "press" ? CLICK : tuneOf(cue);
}

/** The notes of any other cue. They are made when they are played, because a table would stay in memory. Frequencies are C6, E6, G6 and so on in equal temperament. */
function tuneOf(cue: Cue): readonly number[] {
  switch (cue) {
    case "apology":
      return CLICK;
    case "invite":
      return [1047, 120, 0, 40, 1319, 180];
    case "thanks":
      return [1319, 90, 1568, 160];
    case "signIn":
      return [1047, 80, 1568, 120];
    case "signOut":
      return [1568, 80, 1047, 120];
    case "refused":
      return [262, 250];
  }
  // Both greetings.
  return [1568, 120];
}

export function createSound(wiring: { readonly pin: string }): Sound {
  const pin = part<Pin>(wiring.pin);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let notes: readonly number[] = [];
  let next = 0;
  let duty = 0;

  function playNext(): void {
    const frequencyHz = notes[next++];
    if (frequencyHz) analogWrite(pin, duty, { freq: frequencyHz });
    else digitalWrite(pin, 0);
    timer = frequencyHz === undefined ? undefined : setTimeout(playNext, notes[next++] as number);
  }

  return {
    play(cue, volumePercent) {
      const cutOff = timer;
      notes = notesOf(cue);
      next = 0;
      // A duty cycle of one half is the loudest.
      duty = volumePercent / 200;
      playNext();
      if (cutOff) clearTimeout(cutOff);
    },
  };
}
