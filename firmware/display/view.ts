// Chooses the view from the state alone. layouts.ts has the places of its lines. No view depends on the grade that was pressed.

import { WATCHDOG_KICK_MS } from "../../hal/watchdog.js";
import { Setting } from "../config/config.js";
import { openNeighbour, shownNotice } from "../terminal/neighbours.js";
import { isBrief, offeredReason } from "../terminal/pause.js";
import { reasonsOnPage } from "../terminal/session.js";
import { Hours, isOnPaper, Session, type State } from "../terminal/state.js";

/** Name of a layout. */
export type LayoutName = "title" | "card" | "prompt" | "thanks" | "notice" | "alert" | "alert2" | "alert3" | "technical" | "list";

/**
 * A layout and the texts of its lines, in order. `@` and the id of a phrase stand for the phrase in the configured language. A `#` and a text behind the id
 * replace the `#` of the phrase. A text that does not fit its line continues in the next line if that is empty.
 */
export type View = readonly [LayoutName, ...string[]];

/** How long each of the texts is shown that share a line, in ms. The terminal wakes at all multiples of it. */
const TURN_MS = WATCHDOG_KICK_MS;

export function viewOf(state: State, nowMs: number): View {
  const clerk = state.clerk;
  const header = clerk ? clerk.number + " " + clerk.name : "";
  if (state.emergency) return ["alert", "@emergency", state.emergency, "", "", ""];
  if (state.configProblem) {
    const colon = state.configProblem.indexOf(": ");
    return ["technical", "@configWrong", state.configProblem.substr(0, colon), state.configProblem.substr(colon + 2), "@callTechnician"];
  }
  if (state.unseenKeys > 0) return ["notice", "@selfTest", unseenText(state.unseenKeys), "@pressEach"];
  // The thanks are as long when the clerk leaves meanwhile.
  if (state.session === Session.Thanks || (clerk && state.session !== Session.Idle)) {
    if (state.session === Session.Reasons) return reasonsView(state);
    if (state.session === Session.Thanks) {
      return state.isLedgerDown ? ["prompt", header, "@paperCard"] : ["thanks", header, "@thanks", "@farewell"];
    }
    return ["prompt", state.asked ? "@approvalNeeded" : header, "@invite"];
  }
  if (state.asked) return ["notice", "@approvalNeeded", "@" + (state.askedReason ? "pause_" + state.askedReason : state.asked), "@presentBadge"];
  const offered = offeredReason(state);
  if (offered) return ["notice", "@pauseReason", "@pause_" + offered, "@letGo"];
  if (state.notice) {
    if (!state.noticeDetail) return ["prompt", header, "@" + state.notice];
    // Only a badge contains a colon, and the administrator decides who may use it.
    return ["notice", "@" + state.notice, state.noticeDetail, state.noticeDetail.indexOf(":") < 0 ? "" : "@seeRoster"];
  }
  // In the night an OLED would burn in.
  if (!clerk && !state.waiting && nowMs >= state.darkMs) return ["title"];
  const neighbour = openNeighbour(state);
  const elsewhere = neighbour ? "@goTo#" + neighbour : "";
  if (state.hours === Hours.Before && (!clerk || !state.config[Setting.OpensEarly])) return unserved(state, nowMs, "@preparing", opensAt(state));
  // A pause that runs into the break is over when the break is.
  if (state.hours === Hours.Break && (!clerk || state.pause)) return unserved(state, nowMs, "@lunch", elsewhere || opensAt(state));
  if (!clerk) {
    // "Closed for today" is never said to people who wait.
    if (state.hours === Hours.After && state.waiting > 0) return unserved(state, nowMs, "@closed", elsewhere || "@pleaseWait");
    if (state.hours === Hours.After) return unserved(state, nowMs, "@offHours", elsewhere || "@endOfDay");
    return unserved(state, nowMs, "@closed", elsewhere || "@nobodyOnDuty");
  }
  if (state.pause) {
    if (isBrief(state.pause)) return unserved(state, nowMs, "@away", "@pleaseWait");
    return unserved(state, nowMs, state.pause === "lunch" ? "@lunch" : "@closed", elsewhere || "@pleaseWait");
  }
  if (isOnPaper(state)) return ["prompt", header, "@paperCard"];
  const notice = shownNotice(state);
  if (notice) {
    return ["notice", "@neighbour", "@neighbour_" + state.neighbours[notice] + "#" + notice, ""];
  }
  // Where the host is lost, a party member's card shows the text and the party mark (rule A1) in turns.
  const isLost = state.isLinkLost && (!clerk.isParty || nowMs % (2 * TURN_MS) >= TURN_MS);
  // The last line is the department, where the display has room for it (rule A11). Its key is the staff number.
  return ["card", clerk.number, clerk.name, isLost ? "@linkLost" : postText(clerk.post, clerk.isParty, clerk.stars), clerk.number];
}

/** A heading that is the same after every grade, the reasons of the current page behind the numbers of their keys, and the keys that are no reason. */
function reasonsView(state: State): View {
  const reasons = state.config[Setting.Reasons];
  const keys = state.config[Setting.Grades].length;
  const count = reasonsOnPage(state);
  const view = ["list", "@chooseReason"];
  for (let i = 0; i < 3; i++) {
    const code = i < count && reasons[state.reasonPage + i];
    view.push(code ? "@reason" + (code % 1000) + "#" + (i + 1) : "");
  }
  view.push(count < reasons.length ? "@moreOrNone#" + (keys - 1) : "@none#" + keys);
  return view as unknown as View;
}

/** The keys that the self-test still waits for: 1 to 5, I for invite, P for pause. */
function unseenText(unseen: number): string {
  let text = "";
  for (let key = 0; key < 7; key++) if (unseen & (1 << key)) text += (text && " ") + "12345IP".charAt(key);
  return text;
}

/** The last line of the staff card. @param post in UTF-8, as a byte string */
export function postText(post: string, isParty: boolean, stars: number): string {
  let text = (isParty ? "@party#" : "") + post + (stars ? " " : "");
  // U+2605, a black star, in UTF-8.
  for (let i = 0; i < stars; i++) text += "\xe2\x98\x85";
  return text;
}

/** The phrase that says at what time the counter opens today. */
function opensAt(state: State): string {
  return "@opensAt#" + state.opens.substr(6);
}

/**
 * What citizens see while nobody serves them. The last line says in turns where to complain, when the counter opens next (rule P13), and who the supervisor of the day
 * is, where the hall has told that (rule A11).
 */
function unserved(state: State, nowMs: number, words: string, more: string): View {
  const turn = Math.floor(nowMs / TURN_MS) % 3;
  const isOpening = turn === 1 && state.hours > Hours.Open && state.opens;
  return ["title", words, more, isOpening ? "@opensOn#" + state.opens : turn === 2 && state.leader ? "@leader" + state.leader : "@complaint"];
}
