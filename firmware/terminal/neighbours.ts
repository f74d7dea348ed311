// The neighbouring counters (rules P3, P4): the host reports their state, and citizens are sent only to one that serves.

import { setResult } from "./effects.js";
import { isFree, isOnPaper, type State } from "./state.js";

const NEIGHBOUR_STATES = ["open", "paused", "unattended", "closed"];

/** The state of a neighbour of the configuration changed. @param what `open`, `paused`, `unattended` or `closed` */
export function noteNeighbour(state: State, counter: string, what: string, atMs: number): void {
  // The command is plain: strangers must not fill memory with invented counters, nor show the clerk notices of them.
  const wrong = state.config.neighbours.indexOf(counter) < 0 ? "bad counter" : NEIGHBOUR_STATES.indexOf(what) < 0 ? "bad state" : "";
  if (wrong) {
    setResult(state, wrong);
    return;
  }
  const before = state.neighbours[counter];
  state.neighboursMs = atMs;
  state.neighbours[counter] = what;
  // The notice shows the newest state of the neighbour, and stays until this clerk acknowledges it.
  if (before !== what && (what === "paused" || before === "paused") && state.neighbourNotices.indexOf(counter) < 0)
    state.neighbourNotices.push(counter);
}

/** What was told before a day of service says nothing about it. @param dayBeganMs when it began */
export function forgetNeighbours(state: State, dayBeganMs: number): void {
  if (state.neighboursMs >= dayBeganMs) return;
  state.neighbours = {};
  state.neighbourNotices = [];
}

/** The counter of the neighbour whose notice is on the display, or "" where something more urgent is shown. */
export function shownNotice(state: State): string {
  return (isFree(state) && !isOnPaper(state) && !state.notice && state.neighbourNotices[0]) || "";
}

/** The clerk acknowledges the notice that is on the display. */
export function acknowledgeNotice(state: State): void {
  state.neighbourNotices.shift();
}

/** The first open neighbour, in the order of the configuration, or "". */
export function openNeighbour(state: State): string {
  const counters = state.config.neighbours;
  // Nobody knows what a neighbour does since the host was lost.
  if (state.isLinkLost) return "";
  for (let i = 0; i < counters.length; i++) if (state.neighbours[counters[i] as string] === "open") return counters[i] as string;
  return "";
}
