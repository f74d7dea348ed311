// Everything that the terminal knows. Each part belongs to the machine of its name: others read it, that one alone writes it.

import type { Config } from "../config/config.js";
import type { Staff } from "../config/roster.js";
import type { Effect } from "./effects.js";

export interface State {
  readonly config: Config;
  /** Effects of the step that runs now, in order, those of its answer among them. */
  effects: Effect[];
  /** What the command of this step came to: "ok", or a word for what stands in its way. */
  result: string;

  // step.ts
  /** Nothing is due before, in `nowMs`; 0: that is not known since the last step. At a start nothing can be due yet. */
  dueMs: number;

  // wall-clock.ts
  /** Wall clock minus monotonic clock, in ms; 0 while the wall clock is unknown. */
  wallOffsetMs: number;
  /** Wall time of the newest record before this start, in seconds since 1970, or 0. */
  lastWallSeconds: number;

  // hours.ts
  /** Where the timetable stands; `always`: there is none, or the wall clock is unknown. */
  hours: "always" | "before" | "open" | "break" | "after";
  /** When that changes next, in `nowMs`. */
  hoursUntilMs: number;
  /** Minutes of the day at which the next period opens, or -1. */
  opensAtMinute: number;
  /** Since when the counter serves after closing time, or -1. */
  lateSinceMs: number;
  /** The counter should be manned and is not: since when, or -1. */
  unattendedSinceMs: number;

  // duty.ts
  /** Who is at the counter; undefined: nobody. */
  clerk: Staff | undefined;

  // transaction.ts
  /** The host's id of the citizen's matter at the counter, or "". */
  matter: string;
  /** Staff number of the clerk who began it. */
  matterBy: string;
  /** Citizens who wait, as the host says. */
  waiting: number;
  /** The ids that have had their outcome, the oldest first, a line feed before and after each. */
  finished: string;

  // session.ts
  /**
   * `idle`: no rating asked for. `open`: the citizen may press. `pressed`: a key was pressed, and a second one within `CHORD_MS` would cancel
   * it. `thanks`: the outcome is in flash. `reasons`: the citizen may press a reason.
   */
  session: "idle" | "open" | "pressed" | "thanks" | "reasons";
  /** The id of the session's transaction, or "" when the clerk asked without one. */
  transaction: string;
  /** Staff number of the clerk who invited. */
  begunBy: string;
  invitedAtMs: number;
  /** How long the citizen has, in ms. */
  patienceMs: number;
  isReminded: boolean;
  pressedAtMs: number;
  /** When several keys were last pressed together. */
  chordAtMs: number;
  /** Grade of the pressed key, 1 to 5. */
  grade: number;
  /** The answer light is lit until then. */
  answerUntilMs: number;
  /** First reason on the page that is shown. */
  reasonPage: number;
  /** The transaction that timed out last and may be invited once more, or undefined. */
  lapsed: string | undefined;

  // suspicion.ts
  /** `Suspect` marks of the open session. */
  suspect: number;
  minuteSinceMs: number;
  sessionsInMinute: number;

  // key-health.ts
  /** Keys that are down, a bit each in the order of `KEY_NAMES`; since when any of them is. */
  keysDown: number;
  readonly downSinceMs: Float64Array;
  /** Keys that are stuck or chatter, likewise. */
  keysStuck: number;
  /** Keys that have chattered since the start. */
  keysWorn: number;
  /** Keys that the last self-test has not seen, and nobody has pressed since. */
  keysDead: number;
  /** Presses of each key since the start. */
  readonly presses: Uint16Array;

  // pause.ts
  /** The reason of the running pause, or "". */
  pause: string;
  pausedAtMs: number;
  /** When the next `overrun` alert is due. */
  overrunAtMs: number;
  /** Since when the pause key is held down, or -1. */
  holdSinceMs: number;

  // approval.ts
  /** What waits for a supervisor: `pause` or `signOut`, or "". */
  asked: "" | "pause" | "signOut";
  askedReason: string;
  askedUntilMs: number;

  // neighbours.ts
  /** State of each neighbour by its counter: `open`, `paused`, `unattended`, `closed`. */
  neighbours: { [counter: string]: string };
  /** Neighbours' counters whose notices wait for this clerk, the first one first. */
  neighbourNotices: string[];

  // faults.ts
  /** What the technician should know of a wrong configuration, or "". */
  configProblem: string;
  isLedgerDown: boolean;
  /** The host has not been heard of for too long. */
  isLinkLost: boolean;
  isDisplayDown: boolean;
  isReaderDown: boolean;

  // self-test.ts
  /** Keys that the running self-test has not seen, a bit each; -1: none runs. */
  unseenKeys: number;
  selfTestUntilMs: number;

  // notice.ts
  /** A short message over the idle display: the phrase's id, or "". */
  notice: string;
  /** A second line for it, as it is. */
  noticeDetail: string;
  noticeUntilMs: number;

  // emergency.ts
  /** A text from the host that overrides the display, UTF-8, or "". */
  emergency: string;
}

export function createState(config: Config): State {
  return {
    config,
    effects: [],
    result: "",
    dueMs: Infinity,
    wallOffsetMs: 0,
    lastWallSeconds: 0,
    hours: "always",
    hoursUntilMs: Infinity,
    opensAtMinute: -1,
    lateSinceMs: -1,
    unattendedSinceMs: -1,
    clerk: undefined,
    matter: "",
    matterBy: "",
    waiting: 0,
    finished: "\n",
    session: "idle",
    transaction: "",
    begunBy: "",
    invitedAtMs: 0,
    patienceMs: 0,
    isReminded: false,
    pressedAtMs: 0,
    chordAtMs: -1000,
    grade: 0,
    answerUntilMs: 0,
    reasonPage: 0,
    lapsed: undefined,
    suspect: 0,
    minuteSinceMs: 0,
    sessionsInMinute: 0,
    keysDown: 0,
    downSinceMs: new Float64Array(7),
    keysStuck: 0,
    keysWorn: 0,
    keysDead: 0,
    presses: new Uint16Array(7),
    pause: "",
    pausedAtMs: 0,
    overrunAtMs: Infinity,
    holdSinceMs: -1,
    asked: "",
    askedReason: "",
    askedUntilMs: Infinity,
    neighbours: {},
    neighbourNotices: [],
    configProblem: "",
    isLedgerDown: false,
    isLinkLost: false,
    isDisplayDown: false,
    isReaderDown: false,
    unseenKeys: -1,
    selfTestUntilMs: Infinity,
    notice: "",
    noticeDetail: "",
    noticeUntilMs: Infinity,
    emergency: "",
  };
}

/** True while this terminal can take a rating: somebody is on duty, not paused, at an hour when there is service, and the configuration holds. */
export function isServing(state: State): boolean {
  return !!state.clerk && !state.pause && !state.configProblem && (state.hours !== "before" || state.config.opensEarly);
}

/** True while ratings go to the paper card: no record can be written, or a citizen's key is stuck (rule E9). */
export function isOnPaper(state: State): boolean {
  return state.isLedgerDown || ((state.keysStuck | state.keysDead) & CITIZEN_KEYS) > 0;
}

/** The bits of the citizens' keys in `keysDown` and its like. */
export const CITIZEN_KEYS = 31;
