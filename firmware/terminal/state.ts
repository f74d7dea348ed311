// Everything that the terminal knows. Each field has one owner, the file that its group names: that file alone writes it, others read it or call a function
// of the owner. `createState` gives every field its first value. test/firmware/terminal/state-owners.test.ts finds every other write.

import { Setting, type StoredConfig } from "../config/config.js";
import type { Staff } from "../config/roster.js";
import type { Effect } from "./effects.js";

/** Where the timetable stands. It is a number, as in events.ts. */
export const enum Hours {
  /** There is no timetable, or the wall clock is unknown. */
  Always,
  /** Before the first period of the day. */
  Before,
  Open,
  /** Between two periods. */
  Break,
  /** After the last period of the day. */
  After,
}

/** Ids of which the terminal knows what became of them. */
export const MOST_OUTCOMES = 256;

/** Where the session stands. It is a number, as in events.ts. */
export const enum Session {
  /** No rating is asked for. */
  Idle,
  /** The citizen may press. */
  Open,
  /** A key was pressed. A second one within `CHORD_MS` would cancel it. */
  Pressed,
  /** The outcome is in flash. */
  Thanks,
  /** The citizen may press a reason. */
  Reasons,
}

export interface State
  extends EffectsState,
    StepState,
    WallClockState,
    HoursState,
    DutyState,
    AttendanceState,
    BadgeState,
    TransactionState,
    SessionState,
    SuspicionState,
    KeyHealthState,
    PauseState,
    ApprovalState,
    SupervisorState,
    NeighboursState,
    FaultsState,
    SelfTestState,
    NoticeState,
    EmergencyState {
  readonly config: StoredConfig;
}

/** @owner effects.ts */
interface EffectsState {
  /** Effects of the current step, in order, those of its answer among them. */
  effects: Effect[];
  /** The result of the command of this step: "ok", or a word for the reason why it was refused. */
  result: string;
}

/** @owner step.ts */
interface StepState {
  /** Nothing is due before this time, in `nowMs`. */
  dueMs: number;
}

/** @owner wall-clock.ts */
interface WallClockState {
  /** Wall clock minus monotonic clock, in ms; 0 while the wall clock is unknown. */
  wallOffsetMs: number;
  /** Wall time of the newest record before this start, in seconds since 1970 UTC, or 0. */
  lastWallSeconds: number;
}

/** @owner hours.ts */
interface HoursState {
  hours: Hours;
  /** When `hours` changes next, in `nowMs`, or Infinity. */
  hoursUntilMs: number;
  /** When the period that runs or comes next opens, `MM-DD HH:MM`, or "" where nobody knows. */
  opens: string;
  /** When the display goes dark after closing, in `nowMs`, or Infinity. */
  darkMs: number;
  /** Since when nobody is on duty in hours of service: -1 while somebody is, Infinity once it is reported. */
  unattendedSinceMs: number;
}

/** @owner duty.ts */
interface DutyState {
  /** Who is on duty, or undefined for nobody. */
  clerk: Staff | undefined;
}

/** @owner attendance.ts */
interface AttendanceState {
  /** When the clerk on duty signed in; Infinity while that is unknown. */
  signedInMs: number;
  /** Until when somebody was on duty before: -Infinity for nobody, Infinity while that is unknown. */
  attendedMs: number;
  /** Since when the clerk serves, or pauses. */
  sinceMs: number;
  /** How long the clerk has served after closing, up to `sinceMs`. */
  lateMs: number;
  /** The sign-in came before the wall clock. */
  isPunctualityOwed: boolean;
  /** What the records tell of the time before this start, until the wall clock comes, in seconds since 1970 UTC, or 0: */
  /** the `sinceMs` of then, */
  toldSince: number;
  /** and until when somebody was on duty. */
  toldAttended: number;
}

/** @owner badge.ts */
interface BadgeState {
  /** The badges that were refused in this minute, with the reason, each with a line feed behind it. */
  refused: string;
  refusedUntilMs: number;
}

/** @owner transaction.ts */
interface TransactionState {
  /** The host's id of the citizen's matter at the counter, or "". */
  matter: string;
  /** Staff number of the clerk who began the matter. */
  matterBy: string;
  /** The citizen of this matter is given the long time. */
  isMatterLong: boolean;
  /** What became of the id of the open matter is of an earlier day. */
  isMarkOld: boolean;
  /** When the matter is open for longer than the hall's limit, or Infinity. */
  matterDueMs: number;
  /** Citizens who wait, by the host's count. */
  waiting: number;
  /** When the host told that. */
  waitingMs: number;
  /** What became of the ids of the day of service: a number for each, 0 where there is none. */
  readonly outcomes: Int32Array;
  /** Place of the next one, over the oldest. */
  nextOutcome: number;
  /** The local day of these ids, counted from 1970, or 0 while no wall time tells. */
  outcomesDay: number;
}

/** @owner session.ts */
interface SessionState {
  session: Session;
  /** The id of the session's transaction, or "" where the clerk asked without one. */
  transaction: string;
  /** Staff number of the clerk who began the session's matter, or invited. With the outcome: of the clerk whom it is about. */
  begunBy: string;
  invitedAtMs: number;
  /** How long the citizen may wait before pressing, in ms. */
  patienceMs: number;
  isReminded: boolean;
  pressedAtMs: number;
  /** When several keys were last pressed together: a press sooner than `CHORD_MS` after that, or before the invite, is not taken for the only one. */
  chordAtMs: number;
  /** Grade of the pressed key, 1 to 5. */
  grade: number;
  /** The answer light is lit until then, or 0: it is dark. */
  answerUntilMs: number;
  /** Index of the first reason on the page that is shown. */
  reasonPage: number;
  /** Index of the key that was pressed for a reason and may still be part of a chord, or -1; and when. */
  reasonKey: number;
  reasonAtMs: number;
}

/** @owner suspicion.ts */
interface SuspicionState {
  /** `Suspect` marks of the open session. */
  suspect: number;
  /** When the newest sessions began, as many as a minute may have. */
  newestSessionsMs: number[];
}

/** @owner key-health.ts */
interface KeyHealthState {
  /** Keys that are down, a bit each by their numbers in events.ts. */
  keysDown: number;
  /** When each key went down. */
  readonly downSinceMs: Float64Array;
  /** Keys that are stuck or chatter, a bit each. */
  keysStuck: number;
  /** Keys that have chattered since the start, a bit each. */
  keysWorn: number;
  /** Keys that the last self-test has not seen and nobody has pressed since, a bit each. */
  keysDead: number;
  /** Presses of each key since the start. */
  readonly presses: Uint16Array;
}

/** @owner pause.ts */
interface PauseState {
  /** The reason of the running pause, or "". */
  pause: string;
  /** When the next `overrun` alert is due, or Infinity. */
  overrunAtMs: number;
  /** How many reasons the held pause key has offered, or -1 while it is not held; and when it offers the next one, or Infinity. */
  offered: number;
  offerAtMs: number;
}

/** @owner approval.ts */
interface ApprovalState {
  /** The wish that waits for a supervisor, or "". */
  asked: "" | "pause" | "signOut";
  /** The reason of the pause that is asked for, or "". */
  askedReason: string;
  askedUntilMs: number;
}

/** @owner supervisor.ts */
interface SupervisorState {
  /** Bad ratings to which no supervisor has attended yet: for each the number of its record, and until when. */
  readonly badRatings: number[];
}

/** @owner neighbours.ts */
interface NeighboursState {
  /** State of each neighbour by its counter: `open`, `paused`, `unattended` or `closed`. */
  neighbours: { [counter: string]: string };
  /** Staff number of the supervisor of the day, or "". */
  leader: string;
  /** When the host told any of that last. */
  neighboursMs: number;
  /** Counters of the neighbours whose notices wait for this clerk, in the order in which they came. */
  neighbourNotices: string[];
  /** When the notice that is on the display has been seen for long enough, or Infinity. */
  neighbourSeenMs: number;
}

/** @owner faults.ts */
interface FaultsState {
  /** The problem of the configuration, for the technician, or "". */
  configProblem: string;
  isLedgerDown: boolean;
  /** The host has not been heard for too long. */
  isLinkLost: boolean;
  isDisplayDown: boolean;
  isReaderDown: boolean;
}

/** @owner self-test.ts */
interface SelfTestState {
  /** Keys that the running self-test has not seen yet, a bit each; -1 while none runs. */
  unseenKeys: number;
  selfTestUntilMs: number;
}

/** @owner notice.ts */
interface NoticeState {
  /** Id of the phrase that is shown for a short time over the idle display, or "". */
  notice: string;
  /** A second line, shown as it is, or "". */
  noticeDetail: string;
  noticeUntilMs: number;
}

/** @owner emergency.ts */
interface EmergencyState {
  /** The host's text that covers the display, UTF-8 as a byte string, or "". */
  emergency: string;
}

export function createState(config: StoredConfig): State {
  return {
    config,
    effects: [],
    result: "",
    dueMs: Infinity,
    wallOffsetMs: 0,
    lastWallSeconds: 0,
    hours: Hours.Always,
    hoursUntilMs: Infinity,
    opens: "",
    darkMs: Infinity,
    unattendedSinceMs: -1,
    clerk: undefined,
    signedInMs: Infinity,
    attendedMs: -Infinity,
    sinceMs: 0,
    lateMs: 0,
    isPunctualityOwed: false,
    toldSince: 0,
    toldAttended: 0,
    refused: "",
    refusedUntilMs: 0,
    matter: "",
    matterBy: "",
    isMatterLong: false,
    isMarkOld: false,
    matterDueMs: Infinity,
    waiting: 0,
    waitingMs: 0,
    outcomes: new Int32Array(MOST_OUTCOMES),
    nextOutcome: 0,
    outcomesDay: 0,
    session: Session.Idle,
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
    reasonKey: -1,
    reasonAtMs: 0,
    suspect: 0,
    newestSessionsMs: [],
    keysDown: 0,
    downSinceMs: new Float64Array(7),
    keysStuck: 0,
    keysWorn: 0,
    keysDead: 0,
    presses: new Uint16Array(7),
    pause: "",
    overrunAtMs: Infinity,
    offered: -1,
    offerAtMs: Infinity,
    asked: "",
    askedReason: "",
    askedUntilMs: Infinity,
    badRatings: [],
    neighbours: {},
    leader: "",
    neighboursMs: 0,
    neighbourNotices: [],
    neighbourSeenMs: Infinity,
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

/** Whether this terminal can take a rating: somebody is on duty and not paused, it is an hour of service, and the configuration is valid. */
export function isServing(state: State): boolean {
  return !!state.clerk && !state.pause && !state.configProblem && !isTooEarly(state);
}

/** Whether the display is free for the clerk and the next citizen: nothing more urgent is on it, and no citizen is asked or thanked. */
export function isFree(state: State): boolean {
  return isServing(state) && state.session === Session.Idle && !state.asked && !state.emergency && state.unseenKeys < 1;
}

/** Whether it is before opening, and the counter takes no rating yet. */
export function isTooEarly(state: State): boolean {
  return state.hours === Hours.Before && !state.config[Setting.OpensEarly];
}

/** Whether the terminal itself hinders a clerk who wants to invite: it is out of order, shows an emergency, or it is before opening. */
export function cannotInvite(state: State): boolean {
  return isOnPaper(state) || !!state.emergency || isTooEarly(state);
}

/** Whether ratings go to the paper card: no record can be written, or a citizen's key does not work (rule E9). */
export function isOnPaper(state: State): boolean {
  return state.isLedgerDown || ((state.keysStuck | state.keysDead) & citizenKeys(state)) > 0;
}

/** The bits in `keysDown` and the like of the citizens' keys that the scale uses: any other key does not exist. */
export function citizenKeys(state: State): number {
  return (1 << state.config[Setting.Grades].length) - 1;
}
