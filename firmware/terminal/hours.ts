// The timetable (rules A3, A6, P7 to P9, P11): periods of each weekday, dated exceptions, and whether somebody is on duty in them.
// Without a timetable, or while the wall clock is unknown, the counter counts as always open.

import { raiseAlert } from "./alerts.js";
import { Hours, type State } from "./state.js";

const MINUTE_MS = 60000;
const DAY_MINUTES = 1440;

/** The minute of the local day, and the periods of that day as text; undefined where there is no timetable or no wall clock. */
function today(state: State, atMs: number): { readonly minute: number; readonly periods: string } | undefined {
  const config = state.config;
  if (!state.wallOffsetMs || !config.hours.length) return undefined;
  const minutes = Math.floor((atMs + state.wallOffsetMs) / MINUTE_MS) + config.utcOffsetMinutes;
  const date = new Date(minutes * MINUTE_MS).toISOString().substr(0, 10);
  // 1970-01-01 was a Thursday; weeks begin on Monday here.
  const weekday = (Math.floor(minutes / DAY_MINUTES) + 3) % 7;
  const exception = config.exceptions[date];
  return { minute: minutes % DAY_MINUTES, periods: exception === undefined ? (config.hours[weekday] as string) : exception };
}

/** The minute of the day that `HHMM` stands for, at an offset of a text. */
function minutesAt(text: string, at: number): number {
  return parseInt(text.substr(at, 2), 10) * 60 + parseInt(text.substr(at + 2, 2), 10);
}

/** Finds out where the timetable stands now, and starts or stops the counts that depend on it. */
export function lookAtHours(state: State, atMs: number): void {
  const day = today(state, atMs);
  state.hours = Hours.Always;
  state.hoursUntilMs = Infinity;
  state.opensAtMinute = -1;
  if (day) {
    let until = DAY_MINUTES;
    state.hours = Hours.After;
    // Periods are `HHMM-HHMM`, separated by a space, in order.
    for (let at = 0; at + 9 <= day.periods.length; at += 10) {
      const from = minutesAt(day.periods, at);
      const to = minutesAt(day.periods, at + 5);
      if (day.minute >= to) continue;
      const isOpen = day.minute >= from;
      state.hours = isOpen ? Hours.Open : at ? Hours.Break : Hours.Before;
      until = isOpen ? to : from;
      if (!isOpen) state.opensAtMinute = from;
      break;
    }
    // Midnight does not end late service (rule P7).
    if (state.hours === Hours.Before && state.lateSinceMs >= 0) state.hours = Hours.After;
    // A duty counter stays open in the break (rule P11).
    if (state.hours === Hours.Break && state.config.lunchDuty) state.hours = Hours.Open;
    const nowMs = atMs + state.wallOffsetMs;
    state.hoursUntilMs = atMs + (until - day.minute) * MINUTE_MS - (nowMs - Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
  }
  attend(state, atMs);
}

/** Starts and stops the counts of service after closing (rule P7) and of open hours with nobody on duty (rule A6). */
export function attend(state: State, atMs: number): void {
  const isLate = state.hours === Hours.After && !!state.clerk;
  if (isLate !== state.lateSinceMs >= 0) state.lateSinceMs = isLate ? atMs : -1;
  const isUnattended = state.hours === Hours.Open && !state.clerk;
  if (isUnattended !== state.unattendedSinceMs >= 0) state.unattendedSinceMs = isUnattended ? atMs : -1;
}

/** When the timetable changes next or an absence is to be reported, or Infinity. */
export function hoursDeadline(state: State): number {
  const alarmMs = state.unattendedSinceMs < 0 ? Infinity : state.unattendedSinceMs + state.config.unattendedS * 1000;
  return Math.min(state.hoursUntilMs, alarmMs);
}

export function passHours(state: State, atMs: number): void {
  if (atMs >= state.hoursUntilMs) lookAtHours(state, atMs);
  const since = state.unattendedSinceMs;
  if (since >= 0 && atMs >= since + state.config.unattendedS * 1000) {
    raiseAlert(state, "unattended", "" + state.config.unattendedS);
    // The alert is raised once: with Infinity this is never due again.
    state.unattendedSinceMs = Infinity;
  }
}

/** Rule A3: whether the first clerk of a counter signs in `early`, `onTime` or `late`, a fact without judgement; "" where no timetable tells. */
export function punctuality(state: State, atMs: number): string {
  const day = today(state, atMs);
  if (!day || state.hours === Hours.Always || state.hours === Hours.After) return "";
  if (state.hours === Hours.Open) return "late";
  return state.opensAtMinute - day.minute > state.config.earlyMinutes ? "early" : "onTime";
}

/** Minutes of service after closing time, so far. */
export function lateMinutes(state: State, atMs: number): number {
  return state.lateSinceMs < 0 ? 0 : Math.floor((atMs - state.lateSinceMs) / MINUTE_MS);
}

/** Whether the configured quiet hours run now, in which the terminal is silent. They may pass midnight. While the wall clock is unknown they never run. */
export function isQuiet(state: State, atMs: number): boolean {
  const config = state.config;
  if (!state.wallOffsetMs) return false;
  const from = minutesAt(config.quietHours, 0);
  const minutes = Math.floor((atMs + state.wallOffsetMs) / MINUTE_MS) + config.utcOffsetMinutes;
  const length = minutesAt(config.quietHours, 5) - from + DAY_MINUTES;
  return (minutes - from) % DAY_MINUTES < length % DAY_MINUTES;
}

/** The local date as `YYYYMMDD`, or "" while the wall clock is unknown. */
export function dateText(state: State, atMs: number): string {
  if (!state.wallOffsetMs) return "";
  const localMs = atMs + state.wallOffsetMs + state.config.utcOffsetMinutes * MINUTE_MS;
  return new Date(localMs).toISOString().substr(0, 10).split("-").join("");
}
