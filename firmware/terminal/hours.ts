// The timetable (rules A3, A6, A9, A10, P7 to P9, P11): periods of each weekday, dated exceptions, days of service, and whether somebody is on duty in them.
// Without a timetable, or while the wall clock is unknown, the counter counts as always open. Nothing here depends on who is on duty.

import { Setting, type StoredConfig } from "../config/config.js";
import { raiseAlert } from "./alerts.js";
import { Hours, type State } from "./state.js";

const MINUTE_MS = 60000;
const DAY_MINUTES = 1440;

/** The minute at which a day of service begins. The night before it belongs to the day before. */
const NIGHT_MINUTES = 240;

/** Most days in a row without a period behind which the next opening is looked for. */
const MOST_CLOSED_DAYS = 31;

/** A day of service. */
interface Day {
  /** Days since 1970. */
  readonly number: number;
  /** Its periods: `HHMM-HHMM`, separated by a space, in order; undefined where no timetable tells. */
  readonly periods: string | undefined;
  /** Its minute, from midnight on: up to 1679, as the night belongs to it. */
  readonly minute: number;
  /** The minute at which it begins. */
  readonly begin: number;
  /** Its midnight, in `nowMs`. */
  readonly midnightMs: number;
}

/** The periods of a date. @param day days since 1970-01-01 */
function periodsOn(config: StoredConfig, day: number): string | undefined {
  const exception = config[Setting.Exceptions][new Date(day * DAY_MINUTES * MINUTE_MS).toISOString().substr(0, 10)];
  // 1970-01-01 was a Thursday; weeks begin on Monday here.
  return exception === undefined ? config[Setting.Hours][(day + 3) % 7] : exception;
}

/** Minutes of local time since 1970. The wall clock has to be known. */
function localMinutes(state: State, atMs: number): number {
  return Math.floor((atMs + state.wallOffsetMs) / MINUTE_MS) + state.config[Setting.UtcOffsetMinutes];
}

/** The day of service of a moment. It begins at 4 o'clock, or at midnight where a period begins before that. The wall clock has to be known. */
function dayOf(state: State, atMs: number): Day {
  const config = state.config;
  const minutes = localMinutes(state, atMs);
  let day = Math.floor(minutes / DAY_MINUTES);
  let periods = periodsOn(config, day);
  let begin = 0;
  if (!periods || minutesAt(periods, 0) >= NIGHT_MINUTES) {
    begin = NIGHT_MINUTES;
    if (minutes - day * DAY_MINUTES < begin) periods = periodsOn(config, --day);
  }
  // A duty counter stays open in the break (rule P11).
  if (periods && config[Setting.LunchDuty]) periods = periods.substr(0, 5) + periods.substr(periods.length - 4);
  const midnightMs = (day * DAY_MINUTES - config[Setting.UtcOffsetMinutes]) * MINUTE_MS - state.wallOffsetMs;
  return { number: day, periods, minute: minutes - day * DAY_MINUTES, begin, midnightMs };
}

/** The day of service of a wall time in seconds, as a number that grows from day to day; 0 for 0. */
export function serviceDay(state: State, wall: number): number {
  return wall && dayOf(state, wall * 1000 - state.wallOffsetMs).midnightMs + state.wallOffsetMs;
}

/** The minute of the day that `HHMM` stands for, at an offset of a text. */
function minutesAt(text: string, at: number): number {
  return parseInt(text.substr(at, 2), 10) * 60 + parseInt(text.substr(at + 2, 2), 10);
}

/** Where the period begins in `periods` that runs or comes next, or -1. */
function nextPeriod(day: Day): number {
  const periods = day.periods || "";
  for (let at = 0; at < periods.length; at += 10) if (day.minute < minutesAt(periods, at + 5)) return at;
  return -1;
}

/** Finds out where the timetable stands now, and starts or stops the counts that depend on it. */
export function lookAtHours(state: State, atMs: number): void {
  state.hours = Hours.Always;
  state.hoursUntilMs = Infinity;
  state.opens = "";
  state.darkMs = Infinity;
  if (state.wallOffsetMs) {
    const day = dayOf(state, atMs);
    const periods = day.periods;
    // The next day may have an exception.
    let until = day.minute < DAY_MINUTES ? DAY_MINUTES : DAY_MINUTES + NIGHT_MINUTES;
    if (periods !== undefined) {
      const at = nextPeriod(day);
      // The period that runs or comes next, over weekends and holidays: where the timetable does not tell, nobody knows.
      let number = day.number;
      let next: string | undefined = periods.substr(at < 0 ? periods.length : at);
      while (next === "" && number < day.number + MOST_CLOSED_DAYS) next = periodsOn(state.config, ++number);
      const from = next ? minutesAt(next, 0) : 0;
      if (next) state.opens = new Date((number * DAY_MINUTES + from) * MINUTE_MS).toISOString().substr(5, 11).replace("T", " ");
      state.hours = Hours.After;
      // A day without periods stays lit: it has no closing, and whoever comes wants to know when to come again.
      if (at < 0 && periods) state.darkMs = day.midnightMs + (minutesAt(periods, periods.length - 4) + state.config[Setting.LitMinutes]) * MINUTE_MS;
      if (at >= 0) {
        const isOpen = day.minute >= from;
        state.hours = isOpen ? Hours.Open : at ? Hours.Break : Hours.Before;
        until = isOpen ? minutesAt(periods, at + 5) : from;
      }
    }
    state.hoursUntilMs = day.midnightMs + until * MINUTE_MS;
  }
  attend(state, atMs);
}

/** When the day of service began, in `nowMs`; -Infinity where nobody knows, and where service runs through midnight. */
export function dayBeganMs(state: State, atMs: number): number {
  if (!state.wallOffsetMs) return -Infinity;
  const day = dayOf(state, atMs);
  return day.periods && !minutesAt(day.periods, 0) ? -Infinity : day.midnightMs + day.begin * MINUTE_MS;
}

/** Whether service is expected: in hours of service, and after them while citizens wait. */
export function isExpected(state: State): boolean {
  return state.hours === Hours.Always || state.hours === Hours.Open || (state.hours === Hours.After && state.waiting > 0);
}

/** Starts and stops the count of open hours with nobody on duty (rule A6). */
export function attend(state: State, atMs: number): void {
  const isUnattended = state.hours === Hours.Open && !state.clerk;
  if (isUnattended !== state.unattendedSinceMs >= 0) state.unattendedSinceMs = isUnattended ? atMs : -1;
}

/** When the timetable changes next or an absence is to be reported, or Infinity. */
export function hoursDeadline(state: State): number {
  const alarmMs = state.unattendedSinceMs < 0 ? Infinity : state.unattendedSinceMs + state.config[Setting.UnattendedS] * 1000;
  return Math.min(state.hoursUntilMs, alarmMs);
}

/** @returns whether the timetable was looked at: another day of service may have begun */
export function passHours(state: State, atMs: number): boolean {
  const isDue = atMs >= state.hoursUntilMs;
  if (isDue) lookAtHours(state, atMs);
  const since = state.unattendedSinceMs;
  if (since >= 0 && atMs >= since + state.config[Setting.UnattendedS] * 1000) {
    raiseAlert(state, "unattended", "" + state.config[Setting.UnattendedS]);
    // The alert is raised once: with Infinity this is never due again.
    state.unattendedSinceMs = Infinity;
  }
  return isDue;
}

/**
 * Rule A3: `early`, `onTime` or `late`, a fact without judgement, and the minutes after the opening, negative before it. "" alone where no timetable tells, after
 * closing, and where somebody has been on duty for this period before: who comes back from an errand or begins a second shift is not late.
 * @param attendedMs until when somebody was on duty before
 */
export function punctuality(state: State, atMs: number, attendedMs: number): (string | number)[] {
  if (!state.wallOffsetMs) return [""];
  const day = dayOf(state, atMs);
  const periods = day.periods;
  const at = nextPeriod(day);
  if (!periods || at < 0) return [""];
  const from = minutesAt(periods, at);
  // Whoever is there in the first half of a break is there for the period before it.
  const since = at ? (minutesAt(periods, at - 5) + from) / 2 : day.begin;
  if (attendedMs >= day.midnightMs + since * MINUTE_MS) return [""];
  const minutes = day.minute - from;
  return [minutes >= 0 ? "late" : -minutes >= state.config[Setting.EarlyMinutes] ? "early" : "onTime", minutes];
}

/** Rule A9: whole minutes until the period ends, or 0 where none runs. */
export function minutesToClosing(state: State, atMs: number): number {
  return state.hours === Hours.Open ? Math.floor((state.hoursUntilMs - atMs) / MINUTE_MS) : 0;
}

/** How much of the time between two moments of one day of service was after its last closing, in ms. */
export function lateBetween(state: State, fromMs: number, toMs: number): number {
  if (!state.wallOffsetMs) return 0;
  const day = dayOf(state, toMs);
  const periods = day.periods;
  if (periods === undefined) return 0;
  const closing = periods ? minutesAt(periods, periods.length - 4) : day.begin;
  return Math.max(toMs - Math.max(fromMs, day.midnightMs + closing * MINUTE_MS), 0);
}

/** Whether the configured quiet hours run now, in which the terminal is silent. They may pass midnight. While the wall clock is unknown they never run. */
export function isQuiet(state: State, atMs: number): boolean {
  const config = state.config;
  if (!state.wallOffsetMs) return false;
  const from = minutesAt(config[Setting.QuietHours], 0);
  const minutes = localMinutes(state, atMs);
  const length = minutesAt(config[Setting.QuietHours], 5) - from + DAY_MINUTES;
  return (minutes - from) % DAY_MINUTES < length % DAY_MINUTES;
}

/** The local date as `YYYYMMDD`, or "" while the wall clock is unknown. */
export function dateText(state: State, atMs: number): string {
  if (!state.wallOffsetMs) return "";
  const localMs = atMs + state.wallOffsetMs + state.config[Setting.UtcOffsetMinutes] * MINUTE_MS;
  return new Date(localMs).toISOString().substr(0, 10).split("-").join("");
}
