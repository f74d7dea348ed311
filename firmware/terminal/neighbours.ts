// The rest of the hall, as the host tells it: the neighbouring counters (rules P3, P4), of which citizens are sent only to one that serves, and the supervisor of the
// day (rule A11).

import { Setting } from "../config/config.js";
import { setResult } from "./effects.js";
import { isFree, isOnPaper, type State } from "./state.js";

/** A notice that has been on the display for this long in one piece, in ms, has been seen. */
const SEEN_MS = 10000;

const NEIGHBOUR_STATES = ["open", "paused", "unattended", "closed"];

/** The state of a neighbour of the configuration changed. @param what `open`, `paused`, `unattended` or `closed` */
export function noteNeighbour(state: State, counter: string, what: string, atMs: number): void {
  // The command is plain: strangers must not fill memory with invented counters, nor show the clerk notices of them.
  const wrong = state.config[Setting.Neighbours].indexOf(counter) < 0 ? "bad counter" : NEIGHBOUR_STATES.indexOf(what) < 0 ? "bad state" : "";
  if (wrong) {
    setResult(state, wrong);
    return;
  }
  const before = state.neighbours[counter];
  state.neighboursMs = atMs;
  state.neighbours[counter] = what;
  if (before === what) return;
  // The notice shows the newest state of the neighbour, which has to be seen as long.
  showAgain(state);
  if ((what === "paused" || before === "paused") && state.neighbourNotices.indexOf(counter) < 0) state.neighbourNotices.push(counter);
}

/** The time of the notice that is on the display begins again, for another clerk or another text. */
export function showAgain(state: State): void {
  state.neighbourSeenMs = Infinity;
}

/** The host tells who the supervisor of the day is. @param number staff number of a supervisor */
export function setLeader(state: State, number: string, atMs: number): void {
  state.leader = number;
  state.neighboursMs = atMs;
}

/** What was told before a day of service says nothing about it. @param dayBeganMs when it began */
export function forgetNeighbours(state: State, dayBeganMs: number): void {
  if (state.neighboursMs >= dayBeganMs) return;
  state.leader = "";
  state.neighbours = {};
  state.neighbourNotices = [];
}

/** The counter of the neighbour whose notice is on the display, or "" where something more urgent is shown. */
export function shownNotice(state: State): string {
  return (isFree(state) && !isOnPaper(state) && !state.notice && state.neighbourNotices[0]) || "";
}

/** The clerk acknowledges the notice that is on the display: by a press of the pause key, or by having seen it. */
export function acknowledgeNotice(state: State): void {
  if (shownNotice(state)) state.neighbourNotices.shift();
  showAgain(state);
}

/** A notice that has been seen for long enough goes, and the time of one that appears, again or for the first time, begins. */
export function passNeighbours(state: State, atMs: number): void {
  if (atMs >= state.neighbourSeenMs) acknowledgeNotice(state);
  if (!shownNotice(state)) showAgain(state);
  else if (state.neighbourSeenMs === Infinity) state.neighbourSeenMs = atMs + SEEN_MS;
}

/** The first open neighbour, in the order of the configuration, or "". */
export function openNeighbour(state: State): string {
  const counters = state.config[Setting.Neighbours];
  // Nobody knows what a neighbour does since the host was lost.
  if (state.isLinkLost) return "";
  for (let i = 0; i < counters.length; i++) if (state.neighbours[counters[i] as string] === "open") return counters[i] as string;
  return "";
}
