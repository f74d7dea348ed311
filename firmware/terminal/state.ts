// Everything that the terminal knows. Each part belongs to the machine of its name: others read it, that one alone writes it.

import type { Config } from "../config/config.js";
import type { Staff } from "../config/roster.js";
import type { Effect } from "./effects.js";

export interface State {
  readonly config: Config;
  /** Effects of the step that runs now, in order. */
  effects: Effect[];

  // duty.ts
  /** Who is at the counter; undefined: nobody. */
  clerk: Staff | undefined;

  // session.ts
  /**
   * `idle`: no rating asked for. `open`: the citizen may press. `pressed`: a key was pressed, and a second one within `CHORD_MS` would cancel
   * it. `thanks`: the outcome is in flash.
   */
  session: "idle" | "open" | "pressed" | "thanks";
  /** The host's id of the open transaction, or "" when the clerk asked. */
  transaction: string;
  /** The transaction of the host that had its outcome last, or "". */
  finished: string;
  invitedAtMs: number;
  pressedAtMs: number;
  /** When several keys were last pressed together. */
  chordAtMs: number;
  /** Grade of the pressed key, 1 to 5. */
  grade: number;
  /** The answer light is lit until then. */
  answerUntilMs: number;

  // pause.ts
  isPaused: boolean;
  pausedAtMs: number;

  // faults.ts
  /** What the technician should know of a wrong configuration, or "". */
  configProblem: string;
  isLedgerDown: boolean;

  // notice.ts
  /** A short message over the idle display: the phrase's id, or "". */
  notice: string;
  /** A second line for it, as it is. */
  noticeDetail: string;
  noticeUntilMs: number;
}

export function createState(config: Config): State {
  return {
    config,
    effects: [],
    clerk: undefined,
    session: "idle",
    transaction: "",
    finished: "",
    invitedAtMs: 0,
    pressedAtMs: 0,
    chordAtMs: -1000,
    grade: 0,
    answerUntilMs: 0,
    isPaused: false,
    pausedAtMs: 0,
    configProblem: "",
    isLedgerDown: false,
    notice: "",
    noticeDetail: "",
    noticeUntilMs: 0,
  };
}

/** True while this terminal can take a rating at all: somebody is on duty, not paused, and the configuration holds. */
export function isServing(state: State): boolean {
  return !!state.clerk && !state.isPaused && !state.configProblem;
}
