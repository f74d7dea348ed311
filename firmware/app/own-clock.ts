// The clock chip of the board (rule R8): after a night without power it gives the wall time until the host does. The host's time beats it, and sets it. What is wrong with
// the chip is the fault `clock`; a time that it gives then is not taken, and the wall clock stays unknown. Boards without a chip have no-own-clock.ts.

import type { ClockChip, ClockProblem } from "../../hal/clock-chip.js";
import { RecordType } from "../ledger/records.js";
import { type Effect, EffectKind } from "../terminal/effects.js";
import { type Event, EventKind } from "../terminal/events.js";
import { isAsking } from "../terminal/session.js";
import type { State } from "../terminal/state.js";
import { wallSeconds } from "../terminal/wall-clock.js";
import type { HostCommands } from "./host-commands.js";
import type { Append, Fields } from "./recorder.js";

/** Time between two looks at the chip, in ms. */
const LOOK_MS = 600_000;

/** A chip that differs by more than this, in seconds, is a fault. A PCF8563 with a cheap crystal drifts as far in two weeks. */
const MOST_OFF_SECONDS = 60;

/** What the records say of each problem, for the technician. */
const WORDS: Readonly<Record<ClockProblem, string>> = {
  "silent": "no answer",
  "stopped": "stopped",
  "halfSet": "not set to the end",
  "impossible": "impossible time",
};

export interface OwnClock {
  /** Looks at the chip, when it is time for that, and takes its time where there is none. */
  look(nowMs: number): void;
  /** Carries out the commands of the host. Its time sets the chip. */
  readonly carryOut: HostCommands["carryOut"];
  /** Adds to a `TimeSet` among the effects of a step where the time came from. */
  note(effects: readonly Effect[]): void;
  /** Where the wall time comes from: `host`, `chip`, or "" while it is unknown, and always without a chip. */
  source(): string;
  /** Whether the fault `clock` is on. */
  isDown(): boolean;
}

/** @param act carries out an event @param carryOut a command of the host */
export function createOwnClock(
  chip: ClockChip,
  state: State,
  append: Append,
  act: (event: Event) => void,
  carryOut: HostCommands["carryOut"],
): OwnClock {
  let source = "";
  let nextLookMs = 0;
  /** The problem that was recorded last, or "". */
  let told = "";
  /** Where the time comes from that is being taken, and what a record says of it. */
  let notes: Fields = [];
  let isNoted = false;

  function tell(problem: string, detail: string, atMs: number): void {
    if (problem === told) return;
    told = problem;
    append(problem ? RecordType.FaultBegan : RecordType.FaultEnded, ["clock", detail], atMs);
  }

  /** Tells whether a time of the chip is right. @param unix the right one */
  function compare(now: number | ClockProblem, unix: number, atMs: number): void {
    if (typeof now === "string") return tell(now, WORDS[now], atMs);
    const ahead = now - unix;
    if (ahead > MOST_OFF_SECONDS) tell("off", ahead + " s ahead", atMs);
    else if (ahead < -MOST_OFF_SECONDS) tell("off", -ahead + " s behind", atMs);
    else tell("", "", atMs);
  }

  return {
    look(nowMs) {
      if (nowMs < nextLookMs || isAsking(state)) return;
      nextLookMs = nowMs + LOOK_MS;
      const now = chip.read();
      const wall = wallSeconds(state, nowMs);
      const last = state.lastWallSeconds;
      // Nothing is later than now: a chip that is behind the newest record is wrong.
      if (!wall && (now as number) > last - MOST_OFF_SECONDS) {
        notes = ["chip"];
        act({ kind: EventKind.Commanded, command: { "do": "time", "unix": now }, atMs: nowMs });
        if (state.wallOffsetMs) source = "chip";
        tell("", "", nowMs);
      } else compare(now, wall || last, nowMs);
      // Until the next start the host's time goes on without the chip.
      if (told && source === "host") chip.set(wall);
    },

    carryOut(command, atMs) {
      if (command["do"] !== "time") return carryOut(command, atMs);
      const unix = command["unix"] as number;
      const before = chip.read();
      notes = typeof before === "string" ? ["host"] : ["host", before - unix];
      isNoted = false;
      const result = carryOut(command, atMs);
      if (result !== "ok") return result;
      // The time may be the same, and yet it is known better now.
      if (!isNoted && source !== "host") append(RecordType.TimeSet, [unix, unix, 0].concat(notes as number[]), atMs);
      source = "host";
      // A chip that was wrong stays a fault until the next look.
      compare(!chip.set(unix) ? chip.read() : typeof before === "string" ? unix : before, unix, atMs);
      return result;
    },

    note(effects) {
      for (let i = 0; i < effects.length; i++) {
        const effect = effects[i] as Effect;
        if (effect.kind !== EffectKind.Append || effect.type !== RecordType.TimeSet) continue;
        isNoted = true;
        for (let j = 0; j < notes.length; j++) (effect.fields as (string | number)[]).push(notes[j] as string);
      }
    },

    source: () => source,
    isDown: () => told !== "",
  };
}
