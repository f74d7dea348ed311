// Recognizes the cues in a trace, as an ear would: by the frequency and the length of each tone, and by the clips.

import { notesOf } from "../../hal/espruino/sound/buzzer.js";
import { CLIPS } from "../../hal/espruino/sound/mp3.js";
import type { Cue } from "../../hal/sound.js";
import type { TraceLine } from "../world/world.js";

/** All cues. */
export const CUES = ["welcome", "invite", "press", "thanks", "apology", "signIn", "signOut", "refused", "waited"] as const satisfies Cue[];

interface Note {
  readonly frequencyHz: number;
  readonly durationMs: number;
}

const PATTERNS = CUES.map((name) => ({ name, notes: pairsOf(notesOf(name)) }));

function pairsOf(numbers: readonly number[]): Note[] {
  return numbers.flatMap((frequencyHz, i) => (i % 2 ? [] : [{ frequencyHz, durationMs: numbers[i + 1] as number }]));
}

/** A pattern of tones in a trace. */
export interface HeardSound {
  /** Place of its first tone in the trace. */
  readonly index: number;
  /** The cues that it may be: one; several when it was cut off or still plays; none when it is no cue. */
  readonly names: readonly Cue[];
  /** The pattern in words, for messages. */
  readonly text: string;
}

interface Segment {
  readonly index: number;
  readonly hz: number;
  readonly lengthMs: number;
  /** Whether it is the last of the trace, which may go on. */
  readonly isOngoing: boolean;
}

/** Frequencies of all tones from a place of the trace on, without silence. */
export function tonesFrom(trace: readonly TraceLine[], index: number, nowMs: number): number[] {
  return segmentsOf(trace, nowMs).flatMap((segment) => (segment.index >= index && segment.hz > 0 ? [segment.hz] : []));
}

/** All cues in a trace, in order. */
export function soundsOf(trace: readonly TraceLine[], nowMs: number): HeardSound[] {
  const clips = trace.flatMap((line, index): HeardSound[] => {
    const name = "clip" in line ? CLIPS[line.clip - 1] : undefined;
    return name ? [{ index, names: [name], text: name }] : [];
  });
  return [...patternsOf(trace, nowMs), ...clips].sort((a, b) => a.index - b.index);
}

function patternsOf(trace: readonly TraceLine[], nowMs: number): HeardSound[] {
  const segments = segmentsOf(trace, nowMs);
  const heard: HeardSound[] = [];
  let place = 0;
  while (place < segments.length) {
    const segment = segments[place] as Segment;
    if (segment.hz === 0) {
      place++;
      continue;
    }
    const matches = PATTERNS.map(({ name, notes }) => ({ name, ...match(notes, segments, place) })).filter(({ length }) => length > 0);
    const best = ["whole", "ongoing", "cut"].map((how) => matches.filter((match) => match.how === how)).find((found) => found.length > 0);
    const names = best?.map(({ name }) => name) ?? [];
    const firstNoteMs = best ? 0 : longestFirstNote(segment.hz);
    if (firstNoteMs > 0) {
      // It is too long for a pattern. A pattern began again before its first note was over.
      const lengthMs = segment.lengthMs - firstNoteMs;
      segments.splice(place, 1, { ...segment, lengthMs, isOngoing: false }, { ...segment, lengthMs: firstNoteMs });
      continue;
    }
    heard.push({ index: segment.index, names, text: names.join(" or ") || `a tone of ${segment.hz} Hz for ${segment.lengthMs} ms` });
    place += Math.max(1, ...(best ?? []).map(({ length }) => length));
  }
  return heard;
}

function longestFirstNote(hz: number): number {
  return Math.max(0, ...PATTERNS.map(({ notes: [first] }) => (first?.frequencyHz === hz ? first.durationMs : 0)));
}

/** Number of segments from `place` on that match this pattern. */
function match(notes: readonly Note[], segments: readonly Segment[], place: number): { length: number; how: "whole" | "ongoing" | "cut" } {
  for (let i = 0; i < notes.length; i++) {
    const note = notes[i] as Note;
    const segment = segments[place + i];
    if (!segment || segment.hz !== note.frequencyHz) return { length: i, how: "cut" };
    if (segment.isOngoing && segment.lengthMs <= note.durationMs) return { length: i + 1, how: "ongoing" };
    if (segment.lengthMs > note.durationMs) return { length: i, how: "cut" };
    if (segment.lengthMs < note.durationMs) return { length: i + 1, how: "cut" };
  }
  return { length: notes.length, how: "whole" };
}

/** The tones and silences, in order. Nobody hears a tone of no length. */
function segmentsOf(trace: readonly TraceLine[], nowMs: number): Segment[] {
  const changes: { index: number; atMs: number; hz: number }[] = [];
  trace.forEach((line, index) => {
    if (!("toneHz" in line) && !("power" in line)) return;
    if (changes[changes.length - 1]?.atMs === line.atMs) changes.pop();
    const hz = "toneHz" in line ? line.toneHz : 0;
    if (changes[changes.length - 1]?.hz !== hz) changes.push({ index, atMs: line.atMs, hz });
  });
  return changes.map(({ index, atMs, hz }, i) => {
    const next = changes[i + 1];
    return { index, hz, lengthMs: (next?.atMs ?? nowMs) - atMs, isOngoing: next === undefined };
  });
}
