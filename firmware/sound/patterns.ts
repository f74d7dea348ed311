// What the terminal sounds like. There is one pattern for a press and one for the thanks, whatever the grade.

import type { Note } from "../../hal/sound.js";

export type PatternName = "invite" | "press" | "thanks" | "signIn" | "signOut" | "refused";

/** The notes of a pattern, written where they are played: a table would stay in memory. Frequencies are C6, E6, G6 and so on of the tempered scale. */
export function notesOf(pattern: PatternName): readonly Note[] {
  switch (pattern) {
    case "invite":
      return [note(1047, 120), note(0, 40), note(1319, 180)];
    case "press":
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
}

function note(frequencyHz: number, durationMs: number): Note {
  return { frequencyHz, durationMs };
}
