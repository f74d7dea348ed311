// A piezo buzzer on a PWM pin: a square wave of the note's frequency, or a low level for silence. A narrower pulse is quieter.

import type { Cue, Sound } from "../../sound.js";
import { part } from "../part.js";

/** One step of a cue: a tone of `frequencyHz`, or silence where it is 0, for `durationMs`. */
export interface Note {
  readonly frequencyHz: number;
  readonly durationMs: number;
}

/**
 * The notes of a cue, written where they are played: a table would stay in memory. Frequencies are C6, E6, G6 and so on of the tempered scale.
 * @returns undefined for a cue without any: a buzzer has no word of welcome
 */
export function notesOf(cue: Cue): readonly Note[] | undefined {
  switch (cue) {
    case "invite":
      return [note(1047, 120), note(0, 40), note(1319, 180)];
    case "press":
    case "apology":
      return [note(2093, 30)];
    case "thanks":
      return [note(1319, 90), note(1568, 160)];
    case "signIn":
      return [note(1047, 80), note(1568, 120)];
    case "signOut":
      return [note(1568, 80), note(1047, 120)];
    case "refused":
      return [note(262, 250)];
  }
  return undefined;
}

function note(frequencyHz: number, durationMs: number): Note {
  return { frequencyHz, durationMs };
}

export function createSound(wiring: { readonly pin: string }): Sound {
  const pin = part<Pin>(wiring.pin);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let notes: readonly Note[] = [];
  let next = 0;
  let duty = 0;

  function playNext(): void {
    const note = notes[next++];
    timer = undefined;
    if (note && note.frequencyHz) analogWrite(pin, duty, { freq: note.frequencyHz });
    else digitalWrite(pin, 0);
    if (note) timer = setTimeout(playNext, note.durationMs);
  }

  return {
    play(cue, volumePercent) {
      const pattern = notesOf(cue);
      if (!pattern) return;
      if (timer) clearTimeout(timer);
      notes = pattern;
      next = 0;
      // Half of the time high is the loudest.
      duty = volumePercent / 200;
      playNext();
    },
  };
}
