// The start: puts the terminal where it was when the power went, and tests everything that needs no hands (rule R5).

import type { Hal } from "../../hal/hal.js";
import type { KeyName } from "../../hal/keys.js";
import { type ConfigCheck, Setting } from "../config/config.js";
import { findNumber, isRosterWhole } from "../config/roster.js";
import type { Screen } from "../display/screen.js";
import { viewOf } from "../display/view.js";
import { type Debounce, numberOf } from "../input/debounce.js";
import type { Ledger } from "../ledger/ledger.js";
import { EVERY_TYPE, RecordType } from "../ledger/records.js";
import { restoreClerk } from "../terminal/duty.js";
import type { Effect } from "../terminal/effects.js";
import { type Event, EventKind, KEY_INVITE } from "../terminal/events.js";
import { createRecollection, type Recollection, recall, recallId, TYPES_WITH_ID } from "../terminal/restore.js";
import type { State } from "../terminal/state.js";
import { step } from "../terminal/step.js";
import { recallWallTime } from "../terminal/wall-clock.js";
import { FIRMWARE_VERSION } from "../version.js";
import type { Checkpoint } from "./checkpoint.js";
import { type Fields, fieldsOf } from "./recorder.js";

/** Records with an id that are read back for ids that have had their outcome. */
const LOOK_BACK = 250;
/** The same at a start with an open matter, which waits for it. The rest follows. */
const LOOK_BACK_AT_START = 24;

export interface StartParts {
  readonly hal: Hal;
  readonly screen: Screen;
  /** The files in force. */
  readonly files: Hal["store"];
  readonly checked: ConfigCheck;
  /** Whether the device key is whole. */
  readonly hasKey: boolean;
  readonly state: State;
  readonly ledger: Ledger;
  readonly checkpoint: Checkpoint;
  readonly debounce: Debounce;
  readonly planStart: (fields: Fields) => void;
  readonly act: (event: Event) => void;
  readonly light: (atMs: number) => void;
  readonly carryOut: (effects: readonly Effect[], atMs: number) => void;
}

export interface Start {
  /**
   * Goes on from where the power went. Display and lamps show the result when this returns; the record that tells of it is written later.
   * @param downKeys keys that are down already
   */
  run(atMs: number, downKeys: readonly KeyName[]): void;
  /** Reads back, once, what became of ids before this start. A start need not wait for it: it is done when nobody is asked, or a host says something. */
  recallIds(): void;
}

export function createStart(parts: StartParts): Start {
  const state = parts.state;
  /** How many records with ids were asked for. */
  let known = 0;

  function recallLast(most: number): void {
    const voided: (number | string)[] = [];
    let visited = 0;
    let matter = state.matter;
    if (known >= most) return;
    known = most;
    let seen = 0;
    parts.ledger.lookBack(EVERY_TYPE, (type, text, wall, sequence) => {
      recallWallTime(state, wall);
      // An older record that has no time was before this.
      seen = wall || seen;
      if ((TYPES_WITH_ID >> type) & 1) {
        const fields = fieldsOf(text);
        // An id had another meaning before its matter was opened.
        if (type !== RecordType.Opened) {
          if (!recallId(state, voided, matter, type, fields, seen, sequence, ++visited) || visited >= most) return 0;
        } else if (fields[1] === matter) matter = "";
      }
      // A record of any type may be the newest one that has a time. Older records without one are followed by a `TimeSet`, which has the time that dates them.
      return seen ? TYPES_WITH_ID | (1 << RecordType.TimeSet) : EVERY_TYPE;
    });
  }

  /** Puts the terminal where it was, as the newest records tell. */
  function restore(atMs: number): Recollection {
    const told = createRecollection();
    let stateSequence = 0;
    parts.ledger.lookBack(EVERY_TYPE, (type, text, wall, sequence) => {
      recallWallTime(state, wall);
      recall(state, told, type, fieldsOf(text), wall, atMs);
      if (told.isWhole) stateSequence = sequence;
      return told.isWhole ? 0 : told.isSessionKnown ? EVERY_TYPE & ~(1 << RecordType.Session) : EVERY_TYPE;
    });
    parts.checkpoint.restore(stateSequence, told);
    restoreClerk(state, told.staff ? findNumber(parts.files, told.staff) : undefined);
    if (state.matter) recallLast(LOOK_BACK_AT_START);
    return told;
  }

  return {
    recallIds: () => recallLast(LOOK_BACK),

    run(atMs, downKeys) {
      const told = restore(atMs);
      // A citizen's key that the scale does not use does not exist.
      const down = downKeys.map(numberOf).filter((key) => key >= KEY_INVITE || key < state.config[Setting.Grades].length);
      const problem =
        parts.checked.problem ||
        (!isRosterWhole(parts.files, parts.hal.crc32) ? "roster: damaged or missing" : !parts.hasKey ? "key: damaged or missing" : "");
      const effects = step(
        state,
        problem ? { kind: EventKind.FaultBegan, fault: "config", detail: problem, atMs } : { kind: EventKind.Restarted, told, atMs },
      );
      // Known before anybody sees anything, so that the display need not be drawn twice.
      const isFull = parts.ledger.isFull();
      if (isFull) step(state, { kind: EventKind.FaultBegan, fault: "ledger", detail: "", atMs });
      parts.light(atMs);
      const isShown = parts.screen.show(viewOf(state, atMs));
      const result = problem ? "config" : !isShown ? "display" : down.length ? "keys" : "ok";
      if (!isFull) {
        const config = state.config;
        parts.planStart([
          FIRMWARE_VERSION,
          config[Setting.Version],
          config[Setting.Author],
          result,
          state.keysDead,
          config[Setting.UtcOffsetMinutes],
        ]);
      }
      parts.carryOut(effects, atMs);
      for (let i = 0; i < down.length; i++) {
        const key = down[i] as number;
        parts.debounce.findDown(key, atMs);
        parts.act({ kind: EventKind.KeyFoundDown, key, atMs });
      }
    },
  };
}
