// A piezo buzzer on a PWM pin: a square wave of the note's frequency, or a low level for silence.

import type { Note, Sound } from "../sound.js";
import { part } from "./part.js";

export function createSound(wiring: { readonly pin: string }): Sound {
  const pin = part<Pin>(wiring.pin);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let notes: readonly Note[] = [];
  let next = 0;

  function playNext(): void {
    const note = notes[next++];
    timer = undefined;
    if (note && note.frequencyHz) analogWrite(pin, 0.5, { freq: note.frequencyHz });
    else digitalWrite(pin, 0);
    if (note) timer = setTimeout(playNext, note.durationMs);
  }

  return {
    play(pattern) {
      if (timer) clearTimeout(timer);
      notes = pattern;
      next = 0;
      playNext();
    },
  };
}
